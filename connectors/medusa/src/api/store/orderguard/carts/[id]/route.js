import { MedusaError } from '@medusajs/framework/utils';

import { toMajor, tokenOf } from '../../../../../core/index.js';
import { Offers } from '../../../../../offers/offers.js';
import { cartOf } from '../../../../follow.js';

/** The offer for the cart as it is now. */
export async function GET(req, res) {
  await answer(req, res, (offers, cartId) => offers.look(cartId));
}

/** The shopper's click: `{ accepted, token }`. A yes counts only for the terms that the token names. */
export async function POST(req, res) {
  const { accepted, token = '' } = req.body ?? {};
  if (typeof accepted !== 'boolean') throw new MedusaError(MedusaError.Types.INVALID_DATA, '`accepted` must be true or false.');
  if (typeof token !== 'string') throw new MedusaError(MedusaError.Types.INVALID_DATA, '`token` must be a string.');
  await answer(req, res, (offers, cartId) => offers.choose(cartId, accepted, token));
}

async function answer(req, res, ask) {
  const cartId = req.params.id;
  const { offer, accepted, notice, reason } = await ask(new Offers(req.scope), cartId);
  if (reason === 'no_cart') throw new MedusaError(MedusaError.Types.NOT_FOUND, `Cart with id '${cartId}' not found`);
  res.json({
    offer: offer && {
      amount: Number(toMajor(offer.amount, offer.currency)),
      currency_code: offer.currency.toLowerCase(),
      modes: offer.modes,
      token: tokenOf(offer),
    },
    accepted,
    notice,
    reason,
    session_id: offer?.session ?? null,
    cart: await cartOf(req, cartId),
  });
}
