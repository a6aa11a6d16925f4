<?php

defined('ABSPATH') || exit;

function get_woocommerce_currency(): string
{
    return get_option('woocommerce_currency', 'USD');
}

function wc_get_price_decimals(): int
{
    return (int) get_option('woocommerce_price_num_decimals', 2);
}

function wc_format_decimal($number, $decimals = false)
{
    return '' === $decimals ? number_format((float) $number, wc_get_price_decimals(), '.', '') : (false === $decimals ? (string) (float) $number : number_format((float) $number, $decimals, '.', ''));
}

function wc_price($price, array $args = []): string
{
    $signs = ['USD' => '&#36;', 'JPY' => '&yen;', 'KWD' => '&#x62f;.&#x643;'];
    $currency = $args['currency'] ?? get_woocommerce_currency();
    $amount = number_format((float) $price, $args['decimals'] ?? wc_get_price_decimals(), '.', ',');
    return '<span class="woocommerce-Price-amount amount"><bdi><span class="woocommerce-Price-currencySymbol">' . ($signs[$currency] ?? $currency) . "</span>$amount</bdi></span>";
}

function wc_tax_enabled(): bool
{
    return 'yes' === get_option('woocommerce_calc_taxes');
}

function wc_get_page_id(string $page): int
{
    return (int) get_option("woocommerce_{$page}_page_id", -1);
}

function wc_get_checkout_url(): string
{
    return (string) get_permalink(wc_get_page_id('checkout'));
}

function wc_get_cart_url(): string
{
    return (string) get_permalink(wc_get_page_id('cart'));
}

function is_checkout(): bool
{
    return is_page(wc_get_page_id('checkout'));
}

function is_cart(): bool
{
    return is_page(wc_get_page_id('cart'));
}

function wc_get_is_paid_statuses(): array
{
    return apply_filters('woocommerce_order_is_paid_statuses', ['processing', 'completed']);
}

function wc_get_order_statuses(): array
{
    return array_fill_keys(['wc-pending', 'wc-processing', 'wc-on-hold', 'wc-completed', 'wc-cancelled', 'wc-refunded', 'wc-failed', 'wc-checkout-draft'], '');
}

function wc_add_notice(string $message, string $type = 'success'): void
{
    Stub_Classic::$notices[] = $message;
}

function woocommerce_store_api_register_endpoint_data(array $args): void
{
    Stub_Store_Api::$data[$args['endpoint']][$args['namespace']] = $args['data_callback'];
}

function woocommerce_store_api_register_update_callback(array $args): void
{
    Stub_Store_Api::$callbacks[$args['namespace']] = $args['callback'];
}

final class WC_Countries
{
    public function get_base_country(): string
    {
        return 'US';
    }

    public function ex_tax_or_vat(): string
    {
        return '(ex. tax)';
    }
}

final class WC_Customer
{
    public function get_shipping_country(): string
    {
        return (string) (WC()->session->get('customer_country') ?? 'US');
    }

    public function get_shipping_state(): string
    {
        return 'OH';
    }
}

final class WC_Tax
{
    public static function get_rates(string $class = '', $customer = null): array
    {
        return wc_tax_enabled() ? [1 => ['rate' => 19.0]] : [];
    }

    public static function calc_inclusive_tax(float $price, array $rates): array
    {
        return array_map(static fn ($rate) => $price - $price / (1 + $rate['rate'] / 100), $rates);
    }

    public static function get_tax_classes(): array
    {
        return ['Reduced rate', 'Zero rate'];
    }

    public static function get_tax_class_slugs(): array
    {
        return ['reduced-rate', 'zero-rate'];
    }
}

/** Packages with their rates, once they are computed in a request: not before the fees are asked for the first time. */
final class WC_Shipping
{
    private array $packages = [];

    public function calculate_shipping(array $packages): array
    {
        return $this->packages = array_map(static fn ($package) => $package + ['rates' => WC()->cart->rates()], $packages);
    }

    public function get_packages(): array
    {
        return $this->packages;
    }
}
