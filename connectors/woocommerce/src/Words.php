<?php

declare(strict_types=1);

namespace Orderguard\WooCommerce;

use Orderguard\Core\Currencies;
use Orderguard\Core\Money;
use Orderguard\Core\Terms;

defined('ABSPATH') || exit;

/** The words for shoppers. The English sentences and the translations equal the storefront element's. */
final class Words
{
    public static function title(): string
    {
        return __('Order protection', 'orderguard-for-woocommerce');
    }

    public static function optional(): string
    {
        return __('Optional', 'orderguard-for-woocommerce');
    }

    public static function about(Terms $offer): string
    {
        return match (true) {
            ['returnCoverage'] === $offer->modes => __('Covers the return of items in this order.', 'orderguard-for-woocommerce'),
            ['shippingProtection'] === $offer->modes => __('Covers loss, theft and damage during shipping.', 'orderguard-for-woocommerce'),
            default => __('Covers returns, and loss, theft and damage during shipping.', 'orderguard-for-woocommerce'),
        };
    }

    /** Why a yes does not count any more; `$offer` is what can be had now, if anything. */
    public static function notice(string $why, ?Terms $offer): string
    {
        return match (true) {
            '' === $why => '',
            !$offer => __('Order protection is no longer available and has been removed from your order.', 'orderguard-for-woocommerce'),
            Choice::GONE === $why => __('Protection is available again. Tick the box if you still want it.', 'orderguard-for-woocommerce'),
            Terms::MODES_CHANGED === $why => __('What is covered has changed with your cart. Tick the box if you still want protection.', 'orderguard-for-woocommerce'),
            default => __('The price has changed with your cart. Tick the box if you still want protection.', 'orderguard-for-woocommerce'),
        };
    }

    public static function newPriceWhilePlacing(string $price): string
    {
        $sentence = strtr(__('Order protection now costs {price}.', 'orderguard-for-woocommerce'), ['{price}' => $price]);

        return $sentence . ' ' . __('Please check the total and place your order again.', 'orderguard-for-woocommerce');
    }

    public static function removedWhilePlacing(): string
    {
        return __('Order protection is no longer available and has been removed from your order.', 'orderguard-for-woocommerce')
            . ' ' . __('Please check the total and place your order again.', 'orderguard-for-woocommerce');
    }

    /** The price as the shop shows prices, with more decimals only where the shopper would read another amount. */
    public static function price(Terms $offer): string
    {
        $major = Money::toMajor($offer->amount, $offer->currency);
        $decimals = wc_get_price_decimals();
        $isWhole = (float) number_format((float) $major, $decimals, '.', '') === (float) $major;
        $exponent = (int) Currencies::exponent($offer->currency);

        return wc_price((float) $major, [
            'currency' => $offer->currency,
            'decimals' => $isWhole ? $decimals : $exponent,
        ]);
    }

    public static function plainPrice(Terms $offer): string
    {
        return html_entity_decode(wp_strip_all_tags(self::price($offer)), ENT_QUOTES | ENT_HTML5, 'UTF-8');
    }
}
