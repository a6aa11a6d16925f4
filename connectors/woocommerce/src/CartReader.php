<?php

declare(strict_types=1);

namespace Orderguard\WooCommerce;

use Orderguard\Core\CartRequest;
use Orderguard\Core\Money;

defined('ABSPATH') || exit;

/** A WooCommerce cart as Orderguard reads it: the goods, in the prices that the shop shows. */
final class CartReader
{
    private const PICKUP = '/^(local_pickup|pickup_location)\b/';

    /** @return array<string, mixed> the body of `POST /v1/analyze` */
    public static function request(\WC_Cart $cart, string $cartId): array
    {
        $currency = get_woocommerce_currency();
        $lines = [];
        foreach ($cart->get_cart() as $key => $item) {
            if ($item['data'] instanceof \WC_Product && $item['quantity'] > 0) {
                $lines[] = self::line((string) $key, $item, $currency, $cart->display_prices_including_tax());
            }
        }
        $customer = WC()->customer;
        $country = $customer ? $customer->get_shipping_country() : '';
        $request = CartRequest::body(
            'woocommerce',
            $currency,
            $lines,
            Money::toMinor($cart->get_cart_contents_tax(), $currency),
            self::deliveryMethods($cart),
            [
                'region' => CartRequest::region(
                    $country ?: WC()->countries->get_base_country(),
                    $country && $customer ? $customer->get_shipping_state() : '',
                ),
                'locale' => str_replace('_', '-', determine_locale()),
                'cartId' => $cartId,
                'customer' => ['groups' => array_values((array) wp_get_current_user()->roles)],
            ],
        );

        /**
         * Filters the request to Orderguard for a cart, for example to add `customer.isB2B`.
         *
         * @param array    $request The body of POST /v1/analyze. Amounts are integers in minor units.
         * @param \WC_Cart $cart    The cart.
         */
        return (array) apply_filters('orderguard_cart_request', $request, $cart);
    }

    /** Whether prices in the cart and on its order are meant with tax. */
    public static function isTaxIncluded(): bool
    {
        return WC()->cart && WC()->cart->display_prices_including_tax();
    }

    /**
     * One line. A quantity that is no whole number is one piece for the whole amount.
     *
     * @param array<string, mixed> $item
     *
     * @return array<string, mixed>
     */
    private static function line(string $key, array $item, string $currency, bool $isTaxIncluded): array
    {
        $product = $item['data'];
        $total = (float) ($item['line_total'] ?? 0) + ($isTaxIncluded ? (float) ($item['line_tax'] ?? 0) : 0);
        $original = (float) ($item['line_subtotal'] ?? 0) + ($isTaxIncluded ? (float) ($item['line_subtotal_tax'] ?? 0) : 0);
        $quantity = (float) $item['quantity'];

        return [
            'id' => $key,
            'variantId' => $item['variation_id'] ? (string) $item['variation_id'] : null,
            'title' => Products::title($product->get_name()),
            'quantity' => floor($quantity) === $quantity ? (int) $quantity : 1,
            'totalPrice' => Money::toMinor(max(0, $total), $currency),
            'originalTotalPrice' => Money::toMinor(max(0, $original), $currency),
            'requiresShipping' => $product->needs_shipping(),
        ] + Products::facts($product, (int) $item['product_id'], ['productId', 'productType', 'sku']);
    }

    /** One method per package; nothing to ship is DIGITAL. @return list<string> */
    private static function deliveryMethods(\WC_Cart $cart): array
    {
        if (!$cart->needs_shipping()) {
            return ['DIGITAL'];
        }
        $chosen = WC()->session ? WC()->session->get('chosen_shipping_methods') : null;
        $chosen = is_array($chosen) ? $chosen : [];
        // The rates of the packages may not be computed yet in this request, but the packages are known.
        $packages = $cart->get_shipping_packages() ?: [[]];
        $methods = [];
        foreach (array_keys($packages) as $index) {
            $methods[] = preg_match(self::PICKUP, (string) ($chosen[$index] ?? '')) ? 'PICKUP' : 'SHIPPING';
        }

        return $methods;
    }
}
