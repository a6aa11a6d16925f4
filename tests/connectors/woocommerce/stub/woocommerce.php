<?php
/**
 * Plugin Name: WooCommerce
 * Description: A stand-in of our own for tests: as much of a shop as our plugin touches. It does nothing that the recordings of the real one do not show.
 * Version: 11.0.1
 */

defined('ABSPATH') || exit;

define('WC_VERSION', '11.0.1');
foreach (['platform', 'functions', 'products', 'session', 'cart', 'data', 'orders', 'queue', 'settings', 'order_maker', 'classic', 'store_api', 'blocks'] as $part) {
    require __DIR__ . "/$part.php";
}

/** What `WC()` gives. */
final class WooCommerce
{
    public ?WC_Session $session = null;
    public ?WC_Cart $cart = null;
    public ?WC_Customer $customer = null;
    public WC_Countries $countries;
    public ?WC_Integrations $integrations = null;
    private WC_Shipping $shipping;

    public static function instance(): self
    {
        static $shop;
        return $shop ??= new self();
    }

    public function __construct()
    {
        $this->countries = new WC_Countries();
        $this->shipping = new WC_Shipping();
    }

    public function shipping(): WC_Shipping
    {
        return $this->shipping;
    }

    /** In a page of a shopper, and when the Store API is asked. */
    public function load_cart(): void
    {
        if ($this->cart) return;
        $this->session = new WC_Session();
        $this->customer = new WC_Customer();
        $this->cart = new WC_Cart();
        $this->cart->load();
    }
}

function WC(): WooCommerce
{
    return WooCommerce::instance();
}

add_action('plugins_loaded', static function (): void {
    do_action('woocommerce_loaded');
}, -1);
add_action('plugins_loaded', static function (): void {
    do_action('woocommerce_blocks_loaded');
});
add_action('init', static function (): void {
    do_action('before_woocommerce_init');
    WC()->integrations = new WC_Integrations();
    do_action('woocommerce_init');
}, 0);
add_action('init', static function (): void {
    do_action('action_scheduler_init');
}, 1);
add_action('wp_loaded', static function (): void {
    if (!is_admin() && !isset($_GET['test_control']) && !isset($_GET['rest_route'])) {
        WC()->load_cart();
    }
    Stub_Classic::handle();
});
