<?php
/**
 * Plugin Name: Order protection by Orderguard
 * Description: Offers order protection in the classic checkout, charges it as a fee, reports orders.
 * Requires PHP: 8.1
 * Requires Plugins: woocommerce
 *
 * In wp-config.php: ORDERGUARD_URL, ORDERGUARD_KEY (scope cart) and ORDERGUARD_ORDERS_KEY (scope orders).
 * Nothing here throws: when Orderguard fails, there is no offer, and the checkout goes on.
 */

const ORDERGUARD_BUDGET_SECONDS = 0.8;
const ORDERGUARD_RISE_TOLERATED_PERCENT = 10;
const ORDERGUARD_CHOICE = 'orderguard_choice';
const ORDERGUARD_PUSH = 'orderguard_push';

add_action('woocommerce_checkout_update_order_review', 'orderguard_note_choice');
add_action('woocommerce_checkout_process', 'orderguard_note_posted_choice');
add_action('woocommerce_cart_calculate_fees', 'orderguard_add_fee');
add_action('woocommerce_review_order_before_payment', 'orderguard_show_offer');
add_action('woocommerce_checkout_create_order', 'orderguard_remember_on_order');
add_action('woocommerce_checkout_order_processed', 'orderguard_queue_push');
add_action(ORDERGUARD_PUSH, 'orderguard_push');

/** WooCommerce computes with decimals, Orderguard with minor units. Rounded once; nothing is multiplied by 100. */
function orderguard_minor(string|float|int $amount, int $decimals): int
{
    [$whole, $fraction] = explode('.', number_format((float) $amount, $decimals, '.', '')) + [1 => ''];
    return (int) ($whole . $fraction);
}

/** The opposite: 498 of a currency with two decimals is "4.98". */
function orderguard_major(int $amount, int $decimals): string
{
    $digits = str_pad((string) $amount, $decimals + 1, '0', STR_PAD_LEFT);
    return $decimals ? substr($digits, 0, -$decimals) . '.' . substr($digits, -$decimals) : $digits;
}

/** The body of `POST /v1/analyze` for the cart as it is, without fees: ours must not price itself. */
function orderguard_request(WC_Cart $cart): array
{
    $decimals = wc_get_price_decimals();
    $minor = fn ($amount) => orderguard_minor($amount, $decimals);
    $lines = [];
    foreach ($cart->get_cart() as $id => $item) {
        $product = $item['data'];
        $lines[] = [
            'id' => $id,
            'productId' => $item['product_id'],
            'variantId' => $item['variation_id'] ?: null,
            'sku' => $product->get_sku() ?: null,
            'title' => $product->get_name(),
            'quantity' => $item['quantity'],
            'totalPrice' => $minor($item['line_total']),
            'originalTotalPrice' => $minor($item['line_subtotal']),
            'requiresShipping' => $product->needs_shipping(),
        ];
    }
    $subtotal = array_sum(array_column($lines, 'originalTotalPrice'));
    $discounted = array_sum(array_column($lines, 'totalPrice'));
    $customer = WC()->customer;
    $method = (WC()->session->get('chosen_shipping_methods') ?: [''])[0];
    return [
        'platform' => 'woocommerce',
        'region' => array_filter(['country' => $customer->get_shipping_country(), 'subdivision' => $customer->get_shipping_state()]),
        'locale' => str_replace('_', '-', determine_locale()),
        'cartId' => 'wc-' . WC()->session->get_customer_id(),
        'deliveryGroups' => [['deliveryMethod' => preg_match('/^(local_pickup|pickup_location)/', (string) $method) ? 'PICKUP' : 'SHIPPING']],
        'cart' => [
            'currencyCode' => get_woocommerce_currency(),
            'lines' => $lines,
            'subtotalAmount' => $subtotal,
            'totalDiscountAmount' => $subtotal - $discounted,
            'discountedSubtotalAmount' => $discounted,
            'totalTaxAmount' => $minor($cart->get_cart_contents_tax()),
            'totalAmount' => $discounted,
            'itemCount' => array_sum(array_column($lines, 'quantity')),
        ],
    ];
}

/** The offer for this cart, null when there is none. Asked once per cart; failures are asked again. */
function orderguard_offer(WC_Cart $cart): ?array
{
    if ($cart->is_empty()) return null;
    $body = wp_json_encode(orderguard_request($cart));
    $known = WC()->session->get('orderguard_answer');
    if (!$known || $known['asked'] !== md5($body)) {
        $answer = orderguard_send('POST', '/v1/analyze', ORDERGUARD_KEY, $body, ORDERGUARD_BUDGET_SECONDS);
        $known = isset($answer['sessionId']) ? ['asked' => md5($body), 'answer' => $answer] : null;
        WC()->session->set('orderguard_answer', $known);
        // An offer that ends takes the shopper's yes along.
        if (empty($answer['eligible'])) WC()->session->set(ORDERGUARD_CHOICE, null);
    }
    $answer = $known['answer'] ?? [];
    $charge = $answer['chargeInstructions'] ?? null;
    return $charge && $charge['currencyCode'] === get_woocommerce_currency() ? $answer : null;
}

/** The offer, if what the shopper said yes to is still close enough to it. */
function orderguard_accepted(WC_Cart $cart): ?array
{
    $offer = orderguard_offer($cart);
    $agreed = WC()->session->get(ORDERGUARD_CHOICE);
    $holds = $offer && $agreed && $agreed['mode'] === $offer['mode']
        && $agreed['chargeInstructions']['currencyCode'] === $offer['chargeInstructions']['currencyCode']
        && $offer['chargeInstructions']['amount'] * 100
            <= $agreed['chargeInstructions']['amount'] * (100 + ORDERGUARD_RISE_TOLERATED_PERCENT);
    return $holds ? $offer : null;
}

/** Runs with every "update_checkout"; the form comes as a query string. */
function orderguard_note_choice(string $form): void
{
    parse_str($form, $fields);
    orderguard_note($fields);
}

/** Runs when the order is placed; the form is the request. */
function orderguard_note_posted_choice(): void
{
    orderguard_note(wp_unslash($_POST));
}

/** A yes is to the terms that the page showed; one to other terms is none, and is asked again. */
function orderguard_note(array $fields): void
{
    $offer = orderguard_offer(WC()->cart);
    $yes = ($fields['orderguard'] ?? '') === 'yes';
    $agreed = WC()->session->get(ORDERGUARD_CHOICE);
    $shown = $fields['orderguard_shown'] ?? '';
    foreach ([$offer, $agreed] as $terms) {
        if ($yes && $terms && orderguard_token($terms) === $shown) {
            WC()->session->set(ORDERGUARD_CHOICE, $terms);
            return;
        }
    }
    WC()->session->set(ORDERGUARD_CHOICE, null);
}

function orderguard_token(array $offer): string
{
    $charge = $offer['chargeInstructions'];
    return implode(' ', [$offer['sessionId'], $charge['amount'], $charge['currencyCode'], ...$offer['mode']]);
}

/** A fee on the order, not a product. The amount is Orderguard's; the browser has no say in it. */
function orderguard_add_fee(WC_Cart $cart): void
{
    $accepted = orderguard_accepted($cart);
    if (!$accepted) return;
    $amount = orderguard_major($accepted['chargeInstructions']['amount'], wc_get_price_decimals());
    $cart->add_fee(__('Order protection', 'orderguard'), $amount, false);
}

/** An ordinary checkbox, off until it is ticked. WooCommerce redraws the total when it changes. */
function orderguard_show_offer(): void
{
    $offer = orderguard_offer(WC()->cart);
    if (!$offer) return;
    $price = wp_kses_post(wc_price(orderguard_major($offer['chargeInstructions']['amount'], wc_get_price_decimals())));
    printf(
        '<p class="form-row update_totals_on_change"><input type="hidden" name="orderguard_shown" value="%s">'
        . '<label class="checkbox"><input type="checkbox" name="orderguard" value="yes"%s> %s (%s, %s)</label></p>',
        esc_attr(orderguard_token($offer)),
        orderguard_accepted(WC()->cart) ? ' checked' : '',
        esc_html__('Order protection', 'orderguard'),
        esc_html__('optional', 'orderguard'),
        $price,
    );
}

function orderguard_remember_on_order(WC_Order $order): void
{
    $known = WC()->session->get('orderguard_answer');
    $order->update_meta_data('_orderguard_session', $known['answer']['sessionId'] ?? '');
    $accepted = orderguard_accepted(WC()->cart);
    $order->update_meta_data('_orderguard_accepted', $accepted ? wp_json_encode([$accepted['mode'], $accepted['chargeInstructions']]) : '');
}

/** Not in the shopper's request: Action Scheduler pushes it a moment later. */
function orderguard_queue_push(int $order_id): void
{
    as_enqueue_async_action(ORDERGUARD_PUSH, [$order_id]);
}

/** Safe to repeat. A push that nobody confirmed is tried again in five minutes. */
function orderguard_push(int $order_id): void
{
    $order = wc_get_order($order_id);
    $money = fn ($amount) => ['amount' => number_format((float) $amount, wc_get_price_decimals(), '.', ''), 'currency_code' => $order->get_currency()];
    [$mode, $charge] = json_decode($order->get_meta('_orderguard_accepted') ?: '[null, null]', true);
    $session = $order->get_meta('_orderguard_session');
    $items = array_map(fn ($item) => [
        'external_id' => (string) $item->get_id(),
        'title' => $item->get_name(),
        'quantity' => $item->get_quantity(),
        'price' => $money($order->get_item_total($item, true)),
    ], array_values($order->get_items()));
    $answer = orderguard_send('PUT', '/api/v1/orders', ORDERGUARD_ORDERS_KEY, wp_json_encode([
        'external_id' => (string) $order->get_id(),
        'name' => '#' . $order->get_order_number(),
        'taxes_included' => wc_prices_include_tax(),
        'total_price' => $money($order->get_total()),
        'line_items' => $items,
        'fees' => $mode ? [['name' => 'Order protection', 'accepted_offer_mode' => $mode,
            'amount' => ['amount' => $charge['amount'], 'currency_code' => $charge['currencyCode']]]] : [],
        'metadata' => $session ? [['key' => 'session_id', 'value' => $session]] : [],
    ]), 10);
    if (!$answer) as_schedule_single_action(time() + 300, ORDERGUARD_PUSH, [$order_id]);
}

/** The answer, null when there is none, or one that is not a 200 with a JSON object. */
function orderguard_send(string $method, string $path, string $key, string $body, float $seconds): ?array
{
    $response = wp_remote_request(ORDERGUARD_URL . $path, [
        'method' => $method,
        'timeout' => $seconds,
        'redirection' => 0,
        'headers' => ['X-Authorization' => $key, 'Content-Type' => 'application/json'],
        'body' => $body,
    ]);
    $ok = !is_wp_error($response) && in_array(wp_remote_retrieve_response_code($response), [200, 201], true);
    $answer = $ok ? json_decode(wp_remote_retrieve_body($response), true) : null;
    return is_array($answer) ? $answer : null;
}
