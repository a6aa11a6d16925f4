<?php

use Automattic\WooCommerce\StoreApi\Exceptions\RouteException;

defined('ABSPATH') || exit;

/** The Store API's routes that the Block checkout calls. */
final class Stub_Store_Api
{
    public static array $data = [];
    public static array $callbacks = [];

    public static function register(): void
    {
        $routes = ['cart' => 'GET', 'cart/add-item' => 'POST', 'cart/remove-item' => 'POST', 'cart/update-item' => 'POST', 'cart/select-shipping-rate' => 'POST', 'cart/apply-coupon' => 'POST', 'cart/update-customer' => 'POST', 'cart/extensions' => 'POST', 'checkout' => 'POST'];
        foreach ($routes as $route => $method) {
            register_rest_route('wc/store/v1', "/$route", ['methods' => $method, 'permission_callback' => '__return_true', 'callback' => static fn ($request) => self::answer($route, $request)]);
        }
    }

    public static function cart(): array
    {
        $cart = WC()->cart;
        $minor = static fn (float $amount) => (string) round($amount * 10 ** wc_get_price_decimals());
        $extensions = array_map(static fn ($callback) => $callback(), self::$data['cart'] ?? []);
        return [
            'items' => array_values(array_map(static fn ($line) => ['key' => $line['key'], 'id' => $line['product_id'], 'quantity' => $line['quantity'], 'name' => $line['data']->get_name()], $cart->get_cart())),
            'fees' => array_values(array_map(static fn ($fee) => ['key' => $fee->id, 'name' => $fee->name, 'totals' => ['total' => $minor($fee->total), 'total_tax' => $minor($fee->tax)]], $cart->get_fees())),
            'shipping_rates' => array_map(static fn ($index) => ['package_id' => $index], array_keys(WC()->shipping()->get_packages())),
            'totals' => ['total_price' => $minor($cart->total), 'currency_code' => get_woocommerce_currency(), 'currency_minor_unit' => wc_get_price_decimals()],
            'extensions' => (object) $extensions,
        ];
    }

    private static function answer(string $route, WP_REST_Request $request): WP_REST_Response
    {
        WC()->load_cart();
        $status = 200;
        try {
            $cart = WC()->cart;
            match ($route) {
                'cart/add-item' => $cart->add_to_cart((int) $request['id'], (int) $request['quantity']),
                'cart/remove-item' => $cart->remove_cart_item($request['key']),
                'cart/update-item' => $cart->set_quantity($request['key'], (int) $request['quantity']),
                'cart/select-shipping-rate' => WC()->session->set('chosen_shipping_methods', [$request['package_id'] => $request['rate_id']] + (array) WC()->session->get('chosen_shipping_methods', [])),
                'cart/apply-coupon' => WC()->session->set('coupon', $request['code']),
                'cart/update-customer' => WC()->session->set('customer_country', $request['shipping_address']['country']),
                default => null,
            };
            $cart->calculate_totals();
            if ('cart/extensions' === $route) {
                (self::$callbacks[$request['namespace']])($request['data']);
                $cart->calculate_totals();
            }
            $body = 'checkout' === $route ? self::checkout($request) : self::cart();
        } catch (RouteException $error) {
            $status = $error->getCode();
            $body = ['code' => $error->getErrorCode(), 'message' => $error->getMessage(), 'data' => ['status' => $status] + (409 === $status ? ['cart' => self::cart()] : [])];
        }
        WC()->session->save();
        $response = new WP_REST_Response($body, $status);
        $response->header('Nonce', wp_create_nonce('wc_store_api'));
        return $response;
    }

    private static function checkout(WP_REST_Request $request): array
    {
        $draft = wc_get_order((int) WC()->session->get('store_api_draft_order', 0));
        $hash = md5(serialize([WC()->session->get('cart'), WC()->cart->total, array_keys(WC()->cart->get_fees())]));
        // A try that failed is taken up again, if the cart is the same; a draft in any case.
        $is_usable = $draft && ('checkout-draft' === $draft->get_status() || ($draft->needs_payment() && $hash === $draft->value('hash')));
        $order = $is_usable ? $draft : new WC_Order(['status' => 'checkout-draft']);
        // Lines and fees are made anew only if they changed.
        if ($hash !== $order->value('hash')) {
            Stub_Order_Maker::fill($order);
            $order->value('hash', $hash);
        }
        $order->save();
        $order->save();
        do_action('woocommerce_store_api_checkout_update_order_meta', $order);
        WC()->session->set('store_api_draft_order', $order->get_id());
        do_action('woocommerce_store_api_checkout_update_order_from_request', $order, $request);
        $order->update_status('pending');
        do_action('woocommerce_store_api_checkout_order_processed', $order);
        $failed = Stub_Order_Maker::pay(wc_get_order($order->get_id()), (string) $request['payment_method']);
        if ('' !== $failed) {
            do_action('woocommerce_update_order', $order->get_id(), $order);
            throw new RouteException('woocommerce_rest_checkout_process_payment_error', $failed, 400);
        }
        WC()->session->set('store_api_draft_order', null);
        return ['order_id' => $order->get_id(), 'status' => wc_get_order($order->get_id())->get_status(), 'payment_result' => ['payment_status' => 'success', 'redirect_url' => home_url('/?order-received=' . $order->get_id())]];
    }
}

add_action('rest_api_init', [Stub_Store_Api::class, 'register']);
