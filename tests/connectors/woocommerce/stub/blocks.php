<?php

use Automattic\WooCommerce\Blocks\Integrations\IntegrationRegistry;

defined('ABSPATH') || exit;

/** The Block checkout's page: its scripts' names, its settings, and a mount for inner blocks. */
final class Stub_Blocks
{
    public static IntegrationRegistry $registry;

    public static function render(): string
    {
        if (is_admin() || defined('REST_REQUEST')) return '';
        if (isset($_GET['order-pay'])) return Stub_Classic::page();
        $data = [];
        foreach (self::$registry->registered as $integration) {
            foreach ($integration->get_script_handles() as $handle) wp_enqueue_script($handle);
            $data[$integration->get_name() . '_data'] = $integration->get_script_data();
        }
        // PHP asks its own Store API while it draws the page.
        WC()->cart->calculate_totals();
        $preloaded = Stub_Store_Api::cart();
        wp_add_inline_script('wc-settings', 'window.wc = window.wc || {}; window.wc.stub = ' . wp_json_encode(['cart' => $preloaded, 'settings' => $data, 'nonce' => wp_create_nonce('wc_store_api'), 'root' => home_url('/?rest_route=/wc/store/v1/')]) . ';', 'before');
        wp_enqueue_script('wc-blocks-checkout');
        return '<div class="wp-block-woocommerce-checkout wc-block-checkout"><div data-block-name="woocommerce/checkout-totals-block" class="wc-block-checkout__sidebar"></div><div data-block-name="woocommerce/checkout-payment-block"></div><p class="stub-total"></p><button class="wc-block-components-checkout-place-order-button">Place Order</button><p class="stub-placed"></p></div>';
    }
}

add_action('init', static function (): void {
    wp_register_script('wc-settings', plugins_url('wc-settings.js', __FILE__), [], WC_VERSION, true);
    wp_register_script('wc-blocks-checkout', plugins_url('blocks-checkout.js', __FILE__), ['wc-settings', 'wp-element', 'wp-data'], WC_VERSION, true);
    Stub_Blocks::$registry = new IntegrationRegistry();
    do_action('woocommerce_blocks_checkout_block_registration', Stub_Blocks::$registry);
    register_block_type('woocommerce/checkout', ['render_callback' => [Stub_Blocks::class, 'render']]);
});
