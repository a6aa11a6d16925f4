/**
 * The box in the Block checkout. This file is the source: there is no build step.
 *
 * Its price and all its words come from the Store API (`extensions.orderguard`). The box is ticked only when
 * the server says that the shopper's yes counts; a click is sent at once, and the answer has the new total.
 */
(() => {
  const { createElement: el, useEffect, useRef, useState } = window.wp.element;
  const { useSelect } = window.wp.data;
  const { extensionCartUpdate, registerCheckoutBlock } = window.wc.blocksCheckout;
  const { getSetting } = window.wc.wcSettings;

  const NAMESPACE = 'orderguard';
  const ASK_AGAIN_AT_MOST = 3;
  const settings = getSetting(`${NAMESPACE}_data`, {});

  const send = (data) => extensionCartUpdate({ namespace: NAMESPACE, data });

  function useCartExtension() {
    return useSelect((select) => {
      const cart = select('wc/store/cart');
      return (cart && cart.getCartData().extensions?.[NAMESPACE]) || null;
    }, []);
  }

  function Box() {
    const state = useCartExtension();
    const [pending, setPending] = useState(null);
    const asked = useRef(0);
    const isKnown = Boolean(state && state.known);

    // The page is drawn without waiting for Orderguard, so the browser asks once it is there, and
    // again when a change of the cart left the offer unknown.
    useEffect(() => {
      if (!state || isKnown || asked.current >= ASK_AGAIN_AT_MOST) {
        if (isKnown) asked.current = 0;
        return;
      }
      asked.current += 1;
      Promise.resolve(send({ action: 'ask' })).catch(() => {});
    }, [state, isKnown]);

    if (!state || (!state.offer && !state.notice)) return null;
    const { offer, notice } = state;

    const choose = (event) => {
      const yes = event.target.checked;
      setPending(yes);
      Promise.resolve(send({ action: 'choose', yes, shown: offer.shown }))
        .catch(() => {})
        .then(() => setPending(null));
    };

    return el(
      'div',
      { className: 'orderguard-box orderguard-block', 'aria-busy': pending !== null },
      offer &&
        el(
          'label',
          { className: 'orderguard-label' },
          el('input', {
            type: 'checkbox',
            name: 'orderguard',
            checked: pending === null ? state.checked : pending,
            disabled: pending !== null,
            onChange: choose,
            'aria-describedby': 'orderguard-about',
          }),
          el('span', { className: 'orderguard-title' }, offer.title),
          el('span', { className: 'orderguard-optional' }, `(${offer.optional})`),
          el('span', { className: 'orderguard-price' }, offer.price),
        ),
      offer && el('p', { className: 'orderguard-about', id: 'orderguard-about' }, offer.about),
      notice && el('p', { className: 'orderguard-notice', role: 'status' }, notice),
    );
  }

  const metadata = {
    apiVersion: 3,
    name: 'orderguard/offer',
    title: settings.title || 'Order protection',
    category: 'woocommerce',
    parent: [settings.parent || 'woocommerce/checkout-totals-block'],
    attributes: { lock: { type: 'object', default: { remove: true, move: false } } },
  };

  registerCheckoutBlock({ metadata, component: Box });

  // In the editor there is no cart: the merchant sees where the box will be.
  const blocks = window.wp.blocks;
  if (blocks && blocks.registerBlockType && document.body.classList.contains('wp-admin')) {
    blocks.registerBlockType(metadata.name, {
      ...metadata,
      edit: () => el('div', { className: 'orderguard-box' }, el('span', { className: 'orderguard-title' }, metadata.title)),
      save: () => el('div', {}),
    });
  }
})();
