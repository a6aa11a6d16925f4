<?php

defined('ABSPATH') || exit;

/** A cart becomes an order, and an order is paid. */
final class Stub_Order_Maker
{
    /** Lines and fees of the cart, with the hook for each fee. */
    public static function fill(WC_Order $order): void
    {
        $items = [];
        foreach (WC()->cart->get_cart() as $line) {
            $items[] = new WC_Order_Item_Product(['name' => $line['data']->get_name(), 'product' => $line['product_id'], 'quantity' => $line['quantity'], 'total' => $line['line_total'], 'tax' => round($line['line_tax'], 6)]);
        }
        foreach (WC()->cart->get_fees() as $key => $fee) {
            $item = new WC_Order_Item_Fee(['name' => $fee->name, 'total' => $fee->total, 'tax' => $fee->tax]);
            do_action('woocommerce_checkout_create_order_fee_item', $item, $key, $fee, $order);
            $items[] = $item;
        }
        $order->set_items($items);
        $order->value('shipping', WC()->cart->shipping_total());
        $order->value('total', number_format(WC()->cart->total, wc_get_price_decimals(), '.', ''));
        $order->value('currency', get_woocommerce_currency());
    }

    /** Pays with a method of the test shop. Returns what the shopper is told if it fails. */
    public static function pay(WC_Order $order, string $method): string
    {
        if ('bacs' === $method) {
            $order->update_status('on-hold');
            WC()->cart->empty_cart();
            return '';
        }
        $gateway = new Test_Card();
        $result = $gateway->process_payment($order->get_id());
        return 'success' === $result['result'] ? '' : (string) array_pop(Stub_Classic::$notices);
    }
}

/** Enough for the payment method of the test shop. */
abstract class WC_Payment_Gateway
{
    public $id;
    public $title;
    public $method_title;
    public $enabled;
    public $supports;

    public function get_return_url(WC_Order $order): string
    {
        return home_url('/?order-received=' . $order->get_id());
    }
}
add_action('wp_loaded', static fn () => apply_filters('woocommerce_payment_gateways', []), 1);
