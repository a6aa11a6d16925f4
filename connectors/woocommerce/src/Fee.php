<?php

declare(strict_types=1);

namespace Orderguard\WooCommerce;

use Automattic\WooCommerce\StoreApi\Exceptions\RouteException;
use Orderguard\Core\Money;
use Orderguard\Core\Terms;

defined('ABSPATH') || exit;

/** The fee in the cart and on the order. Its amount is Orderguard's answer for exactly this cart. */
final class Fee
{
    public const ID = 'orderguard';
    public const MODES = '_orderguard_mode';
    public const SESSION = '_orderguard_session';
    public const TAX = '_orderguard_tax';

    /** What the shopper is told instead of being charged something else than the page said. */
    private string $objection = '';

    public function __construct(
        private readonly Settings $settings,
        private readonly Offers $offers,
        private readonly Choice $choice,
        private readonly Memory $memory,
        private readonly Place $place,
    ) {
    }

    /** Runs whenever totals are computed. Carts of renewals and of other plugins are not ours. */
    public function add(mixed $cart): void
    {
        if (!$cart instanceof \WC_Cart || $cart !== WC()->cart || !empty($cart->recurring_cart_key)) {
            return;
        }
        $offer = $this->choice->agreed() ? $this->offers->current($cart) : false;
        if (false === $offer) {
            $this->memory->keepShown(null);

            return;
        }
        $terms = $this->choice->holdsFor($offer);
        $this->object($this->memory->shown(), $terms);
        $this->memory->keepShown($terms);
        if ($terms) {
            $cart->fees_api()->add_fee([
                'id' => self::ID,
                'name' => Words::title(),
                'amount' => $this->net($terms, $cart),
                'taxable' => $this->isTaxed(),
                'tax_class' => $this->taxClass(),
                'orderguard_modes' => $terms->modes,
            ]);
        }
    }

    /** The modes stand on the fee, so that an order that lost the fee says nothing was bought. */
    public function keepOnFee(\WC_Order_Item_Fee $item, mixed $key, mixed $fee): void
    {
        if (is_object($fee) && isset($fee->orderguard_modes)) {
            $item->update_meta_data(self::MODES, (string) wp_json_encode($fee->orderguard_modes));
        }
    }

    /** Classic: the session links the order to its offer, also when the shopper said no. WooCommerce saves the order. */
    public function keepOnOrder(mixed $order): void
    {
        if ($order instanceof \WC_Order) {
            $order->update_meta_data(self::SESSION, $this->memory->answer()['answer']->session ?? '');
            $order->update_meta_data(self::TAX, CartReader::isTaxIncluded() ? 'incl' : 'excl');
        }
    }

    /** Block: the same, on an order that is saved already. */
    public function keepOnSavedOrder(mixed $order): void
    {
        $this->keepOnOrder($order);
        if ($order instanceof \WC_Order) {
            $order->save_meta_data();
        }
    }

    /** Classic: the order is not placed, once, when protection would cost more than the page said, or is gone. */
    public function askAgainInClassic(mixed $data, mixed $errors): void
    {
        if ('' !== $this->objection && $errors instanceof \WP_Error && !$errors->has_errors()) {
            $errors->add('orderguard', esc_html($this->objection));
            // WooCommerce's script then fetches totals and box again.
            WC()->session->set('refresh_totals', true);
        }
        $this->objection = '';
    }

    /** Block: the same; a conflict makes the checkout take the cart from the answer. */
    public function askAgainInBlock(mixed $order, mixed $request): void
    {
        $objection = $this->objection;
        $this->objection = '';
        if ('' !== $objection && $request instanceof \WP_REST_Request && 'POST' === $request->get_method()) {
            throw new RouteException('orderguard_terms_changed', esc_html($objection), 409);
        }
    }

    /**
     * While an order is placed, charging less than was shown needs no word; charging more or nothing does. An express
     * button may show a total without the fee, because the page it is on asks nobody.
     */
    private function object(?Terms $shown, ?Terms $terms): void
    {
        if (!$this->place->isPlacing() || (!$terms && (!$shown || $this->offers->isSilent()))) {
            return;
        }
        if (!$terms) {
            $this->objection = Words::removedWhilePlacing();
        } elseif (!$shown || $terms->amount > $shown->amount || !$terms->hasModesOf($shown)) {
            $this->objection = Words::newPriceWhilePlacing(Words::plainPrice($terms));
        }
    }

    private function isTaxed(): bool
    {
        return Settings::NOT_TAXED !== $this->settings->taxClass && wc_tax_enabled();
    }

    private function taxClass(): string
    {
        return Settings::STANDARD_RATE === $this->settings->taxClass ? '' : $this->settings->taxClass;
    }

    /**
     * WooCommerce adds tax on top of a fee. Where the shop shows prices with tax, the price of the offer contains it,
     * so the fee is that price without its tax.
     */
    private function net(Terms $terms, \WC_Cart $cart): string
    {
        $shown = Money::toMajor($terms->amount, $terms->currency);
        if (!$this->isTaxed() || !$cart->display_prices_including_tax()) {
            return $shown;
        }
        $rates = \WC_Tax::get_rates($this->taxClass(), $cart->get_customer());
        $taxes = array_sum(\WC_Tax::calc_inclusive_tax((float) $shown, $rates));

        return wc_format_decimal((float) $shown - $taxes, '');
    }
}
