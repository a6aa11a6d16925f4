<?php
// A shopper in a WooCommerce with the recipe. Reads one JSON step per line, says what the page then has.

require __DIR__ . '/wordpress.php';
foreach (['ORDERGUARD_URL', 'ORDERGUARD_KEY', 'ORDERGUARD_ORDERS_KEY'] as $name) define($name, getenv($name));
define('ORDERGUARD_REST_SECONDS', (int) getenv('REST_SECONDS'));
require __DIR__ . '/../../../recipes/woocommerce.php';

$cart = WC()->cart;
$form = [];
$last_order = null;

function do_what_is_due(string $queue): void
{
    [$due, $GLOBALS[$queue]] = [$GLOBALS[$queue], []];
    foreach ($due as [$hook, $arguments]) do_action($hook, ...$arguments);
}

while ($line = fgets(STDIN)) {
    [$step, $value] = json_decode($line, true) + [1 => null];
    if ($step === 'put') $cart->put(new Product($value['title'], $value['price']), $value['quantity']);
    if ($step === 'pay_in') $GLOBALS['currency'] = $value;
    if ($step === 'show_decimals') $GLOBALS['decimals'] = $value;
    if ($step === 'live_in') [WC()->customer->country, WC()->customer->state] = $value;
    if ($step === 'lose_fees') $cart->loses_fees = true;
    if ($step === 'minutes_later') do_what_is_due('later');
    if ($step === 'choose_order_action') do_action("woocommerce_order_action_$value", $GLOBALS['orders'][$last_order]);
    if ($step === 'tick') $form['orderguard'] = 'yes';
    if ($step === 'untick') unset($form['orderguard']);
    if ($step === 'forge') $form = ['orderguard' => 'yes', 'orderguard_shown' => $value];
    if ($step === 'order') {
        $_POST = $form;
        do_action('woocommerce_checkout_process');
        $last_order = count($GLOBALS['orders']) + (int) getenv('FIRST_ORDER');
        $order = new WC_Order($last_order, $cart->calculate_totals(), $cart->items);
        $order->take_fees($cart);
        do_action('woocommerce_checkout_create_order', $order);
        $GLOBALS['orders'][$last_order] = $order;
        do_action('woocommerce_checkout_order_processed', $last_order);
    } else {
        if (!in_array($step, ['put', 'minutes_later', 'choose_order_action'])) do_action('woocommerce_checkout_update_order_review', http_build_query($form));
        $cart->calculate_totals();
    }
    do_what_is_due('queue');
    ob_start();
    do_action('woocommerce_review_order_before_payment');
    $html = ob_get_clean();
    preg_match('/name="orderguard_shown" value="([^"]*)"/', $html, $shown);
    $form = array_filter(['orderguard_shown' => html_entity_decode($shown[1] ?? ''),
        'orderguard' => str_contains($html, ' checked') ? 'yes' : '']);
    echo json_encode(['offer' => trim(strip_tags($html)), 'checked' => isset($form['orderguard']), 'fees' => (object) array_column($cart->get_fees(), 'amount', 'name'),
        'order' => $last_order, 'pushes_left' => count($GLOBALS['later']), 'notes' => $GLOBALS['orders'][$last_order]->notes ?? [],
        'order_actions' => apply_filters('woocommerce_order_actions', [])]), "\n";
}
