<?php
/**
 * Writes down which of the hooks that our plugin listens to fire in a request, with the types of their arguments.
 * Structure only. Switched on by the file probe.json in the shop's folder.
 */

defined('ABSPATH') || exit;

if (is_file(SHOP_FOLDER . '/probe.json')) {
    $listens = array_flip(json_decode(file_get_contents(SHOP_FOLDER . '/probe.json'), true));
    $type = static function (mixed $value): string {
        return match (true) {
            $value instanceof WC_Order_Refund => 'WC_Order_Refund',
            $value instanceof WC_Order => 'WC_Order:' . $value->get_status(),
            $value instanceof WC_Order_Item_Fee => 'WC_Order_Item_Fee',
            $value instanceof WC_Cart => 'WC_Cart',
            is_object($value) => get_class($value),
            is_array($value) && isset($value['.woocommerce-checkout-review-order-table']) => 'fragments ' . implode(' ', array_intersect(array_keys($value), ['.woocommerce-checkout-review-order-table', '.woocommerce-checkout-payment'])),
            default => get_debug_type($value),
        };
    };
    $fired = [];
    add_action('all', static function (string $hook, ...$arguments) use ($listens, $type, &$fired): void {
        if (isset($listens[$hook])) {
            $fired[$hook . '(' . implode(', ', array_map($type, $arguments)) . ')'] = true;
        }
    });
    add_action('shutdown', static function () use (&$fired): void {
        file_put_contents(SHOP_FOLDER . '/probe.log', json_encode(array_keys($fired)) . "\n", FILE_APPEND | LOCK_EX);
    }, 999);
}
