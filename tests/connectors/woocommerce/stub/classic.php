<?php

defined('ABSPATH') || exit;

/** The classic checkout: page, update, placing, by the addresses and hooks of the real one. */
final class Stub_Classic
{
    public static array $notices = [];

    public static function handle(): void
    {
        if (!WC()->cart) return;
        if (isset($_GET['add-to-cart'])) {
            WC()->cart->add_to_cart((int) $_GET['add-to-cart'], (int) ($_GET['quantity'] ?? 1));
        }
        if (isset($_GET['remove_item'])) {
            WC()->cart->remove_cart_item((string) $_GET['remove_item']);
        }
        if (isset($_POST['woocommerce_pay'], $_GET['key'], $_GET['order-pay'])) self::pay();
        $call = $_GET['wc-ajax'] ?? '';
        if ('' !== $call && method_exists(self::class, $call)) {
            define('DOING_AJAX', true);
            $answer = self::$call();
            WC()->session->save();
            wp_send_json($answer);
        }
    }

    /** The page on which an order is paid that exists already. */
    private static function pay(): void
    {
        check_admin_referer('woocommerce-pay', 'woocommerce-pay-nonce');
        $order = wc_get_order((int) $_GET['order-pay']);
        if (!$order || $order->get_order_key() !== $_GET['key'] || !$order->needs_payment()) return;
        $order->save();
        if ('' === Stub_Order_Maker::pay($order, (string) $_POST['payment_method'])) {
            WC()->session->save();
            wp_redirect(home_url('/?order-received=' . $order->get_id()));
            exit;
        }
    }

    public static function page(): string
    {
        if (isset($_GET['order-pay'])) {
            return '<form id="order_review">' . wp_nonce_field('woocommerce-pay', 'woocommerce-pay-nonce', false, false) . '</form>';
        }
        WC()->cart->calculate_totals();
        $table = self::table();
        ob_start();
        do_action('woocommerce_review_order_before_payment');
        $before = ob_get_clean();
        $nonces = wp_json_encode(['update_order_review_nonce' => wp_create_nonce('update-order-review'), 'apply_coupon_nonce' => wp_create_nonce('apply-coupon')]);
        wp_enqueue_script('wc-checkout', plugins_url('classic-checkout.js', __FILE__), [], WC_VERSION, true);
        return "<script>var wc_checkout_params = $nonces;</script><form class=\"checkout woocommerce-checkout\">" . $table . $before . self::payment() . '</form>';
    }

    private static function payment(): string
    {
        return '<div id="payment" class="woocommerce-checkout-payment"><input type="hidden" name="payment_method" value="test_card">'
            . wp_nonce_field('woocommerce-process_checkout', 'woocommerce-process-checkout-nonce', false, false)
            . '<button type="submit" id="place_order">Place order</button></div>';
    }

    private static function update_order_review(): array
    {
        check_ajax_referer('update-order-review', 'security');
        do_action('woocommerce_checkout_update_order_review', isset($_POST['post_data']) ? wp_unslash($_POST['post_data']) : '');
        WC()->session->set('chosen_shipping_methods', $_POST['shipping_method'] ?? null);
        WC()->session->set('customer_country', $_POST['s_country'] ?? $_POST['country'] ?? null);
        WC()->cart->calculate_totals();
        $fragments = ['.woocommerce-checkout-review-order-table' => self::table(), '.woocommerce-checkout-payment' => self::payment()];
        return ['result' => 'success', 'messages' => '', 'reload' => false, 'fragments' => apply_filters('woocommerce_update_order_review_fragments', $fragments)];
    }

    private static function apply_coupon(): array
    {
        WC()->session->set('coupon', $_POST['coupon_code'] ?? null);
        WC()->cart->calculate_totals();
        return [];
    }

    private static function checkout(): array
    {
        check_ajax_referer('woocommerce-process_checkout', 'woocommerce-process-checkout-nonce');
        do_action('woocommerce_checkout_process');
        WC()->session->set('chosen_shipping_methods', $_POST['shipping_method'] ?? null);
        WC()->cart->calculate_totals();
        $errors = new WP_Error();
        do_action('woocommerce_after_checkout_validation', $_POST, $errors);
        if ($errors->has_errors()) {
            $refresh = (bool) WC()->session->get('refresh_totals');
            WC()->session->set('refresh_totals', null);
            return ['result' => 'failure', 'messages' => '<ul><li>' . implode('</li><li>', $errors->get_error_messages()) . '</li></ul>', 'refresh' => $refresh, 'reload' => false];
        }
        $order = self::order();
        Stub_Order_Maker::fill($order);
        do_action('woocommerce_checkout_create_order', $order, $_POST);
        $order->save();
        $order->save();
        do_action('woocommerce_checkout_update_order_meta', $order->get_id(), $_POST);
        do_action('woocommerce_checkout_order_created', $order);
        WC()->session->set('order_awaiting_payment', $order->get_id());
        WC()->session->set('order_hash', self::hash());
        do_action('woocommerce_checkout_order_processed', $order->get_id(), $_POST, $order);
        $failed = Stub_Order_Maker::pay(wc_get_order($order->get_id()), (string) $_POST['payment_method']);
        return '' === $failed
            ? ['result' => 'success', 'redirect' => home_url('/?order-received=' . $order->get_id()), 'order_id' => $order->get_id()]
            : ['result' => 'failure', 'messages' => "<ul><li>$failed</li></ul>", 'refresh' => false, 'reload' => false];
    }

    /** A try that failed is taken up again, if the cart is the same; otherwise a new order is made. */
    private static function order(): WC_Order
    {
        $waiting = wc_get_order((int) WC()->session->get('order_awaiting_payment', 0));
        $is_same = $waiting && in_array($waiting->get_status(), ['pending', 'failed'], true) && self::hash() === WC()->session->get('order_hash');
        return $is_same ? $waiting : new WC_Order();
    }

    private static function hash(): string
    {
        return md5(serialize(WC()->session->get('cart')) . WC()->cart->total);
    }

    private static function table(): string
    {
        ob_start();
        echo '<table class="shop_table woocommerce-checkout-review-order-table"><tbody>';
        do_action('woocommerce_review_order_after_cart_contents');
        echo '</tbody><tfoot>';
        foreach (WC()->cart->get_fees() as $fee) {
            $shown = $fee->total + (WC()->cart->display_prices_including_tax() ? $fee->tax : 0);
            echo '<tr class="fee"><th>' . esc_html($fee->name) . '</th><td>' . wc_price($shown) . '</td></tr>';
        }
        do_action('woocommerce_review_order_before_order_total');
        echo '<tr class="order-total"><th>Total</th><td><strong>' . wc_price(WC()->cart->total) . '</strong></td></tr></tfoot></table>';
        return (string) ob_get_clean();
    }
}

add_shortcode('woocommerce_checkout', [Stub_Classic::class, 'page']);
add_shortcode('woocommerce_cart', static fn () => '<a href="?_wpnonce=' . wp_create_nonce('woocommerce-cart') . '"></a>');
