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

// The least that WordPress can wait: its HTTP client rounds anything shorter up.
const ORDERGUARD_BUDGET_SECONDS = 1;
defined('ORDERGUARD_REST_SECONDS') || define('ORDERGUARD_REST_SECONDS', 10);
const ORDERGUARD_RISE_TOLERATED_PERCENT = 10;
const ORDERGUARD_PUSHES_AT_MOST = 10;
const ORDERGUARD_ANSWER = 'orderguard_answer';
const ORDERGUARD_CHOICE = 'orderguard_choice';
const ORDERGUARD_REST = 'orderguard_rest';
const ORDERGUARD_PUSH = 'orderguard_push';
// Decimals by ISO 4217 where they are not two. The option of WooCommerce is how the shop likes to show prices.
const ORDERGUARD_EXPONENTS = [
    0 => 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
    3 => 'BHD IQD JOD KWD LYD OMR TND',
    4 => 'CLF UYW',
];

add_action('woocommerce_checkout_update_order_review', 'orderguard_note_choice');
add_action('woocommerce_checkout_process', 'orderguard_note_posted_choice');
add_action('woocommerce_cart_calculate_fees', 'orderguard_add_fee');
add_action('woocommerce_review_order_before_payment', 'orderguard_show_offer');
add_action('woocommerce_checkout_create_order', 'orderguard_remember_on_order');
add_action('woocommerce_checkout_create_order_fee_item', 'orderguard_remember_on_fee', 10, 3);
add_action('woocommerce_checkout_order_processed', 'orderguard_queue_push');
add_action(ORDERGUARD_PUSH, 'orderguard_push', 10, 2);
add_filter('woocommerce_order_actions', 'orderguard_name_push');
add_action('woocommerce_order_action_' . ORDERGUARD_PUSH, 'orderguard_push_again');

function orderguard_exponent(string $currency): int
{
    foreach (ORDERGUARD_EXPONENTS as $exponent => $currencies) {
        if (str_contains($currencies, $currency)) return $exponent;
    }
    return 2;
}

/** An amount of WooCommerce as text with the currency's own decimals. Here it is rounded, and nowhere else. */
function orderguard_decimals(string|float|int $amount, string $currency): string
{
    return number_format((float) $amount, orderguard_exponent($currency), '.', '');
}

/** WooCommerce computes with decimals, Orderguard with minor units. Nothing is multiplied by 100. */
function orderguard_minor(string|float|int $amount, string $currency): int
{
    return (int) str_replace('.', '', orderguard_decimals($amount, $currency));
}

/** The opposite: 498 USD is "4.98". */
function orderguard_major(int $amount, string $currency): string
{
    $exponent = orderguard_exponent($currency);
    $digits = str_pad((string) $amount, $exponent + 1, '0', STR_PAD_LEFT);
    return $exponent ? substr($digits, 0, -$exponent) . '.' . substr($digits, -$exponent) : $digits;
}

/** As the shop shows prices, with more decimals only where the shopper would read another amount. */
function orderguard_price(array $charge): string
{
    $major = orderguard_major($charge['amount'], $charge['currencyCode']);
    $decimals = wc_get_price_decimals();
    $is_whole = (float) number_format((float) $major, $decimals, '.', '') === (float) $major;
    return wc_price($major, ['decimals' => $is_whole ? $decimals : orderguard_exponent($charge['currencyCode'])]);
}

/** Where the order goes. States that are no ISO codes (free text, WooCommerce's own) are left out; TR01 is 01. */
function orderguard_region(WC_Customer $customer): array
{
    $country = $customer->get_shipping_country() ?: WC()->countries->get_base_country();
    $prefix = preg_quote($country, '/');
    $pattern = "/^(?:{$prefix}-|{$prefix}(?=.{2}))?([A-Za-z0-9]{1,3})$/";
    return ['country' => $country]
        + (preg_match($pattern, $customer->get_shipping_state(), $found) ? ['subdivision' => $found[1]] : []);
}

/** The body of `POST /v1/analyze` for the cart as it is, without fees: ours must not price itself. */
function orderguard_request(WC_Cart $cart): array
{
    $currency = get_woocommerce_currency();
    $minor = fn ($amount) => orderguard_minor($amount, $currency);
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
    $method = (WC()->session->get('chosen_shipping_methods') ?: [''])[0];
    return [
        'platform' => 'woocommerce',
        'region' => orderguard_region(WC()->customer),
        'locale' => str_replace('_', '-', determine_locale()),
        'cartId' => 'wc-' . WC()->session->get_customer_id(),
        'deliveryGroups' => [['deliveryMethod' => preg_match('/^(local_pickup|pickup_location)/', (string) $method) ? 'PICKUP' : 'SHIPPING']],
        'cart' => [
            'currencyCode' => $currency,
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

/** The offer for this cart, null when there is none. Asked once per cart; a refusal is asked again after a while. */
function orderguard_offer(WC_Cart $cart): ?array
{
    if ($cart->is_empty()) return null;
    $body = wp_json_encode(orderguard_request($cart));
    $known = WC()->session->get(ORDERGUARD_ANSWER);
    if (!$known || $known['asked'] !== md5($body) || $known['until'] < time()) {
        $answer = orderguard_ask($body);
        $seconds = isset($answer['sessionId']) ? DAY_IN_SECONDS : ORDERGUARD_REST_SECONDS;
        $known = $answer === null ? null : ['asked' => md5($body), 'answer' => $answer, 'until' => time() + $seconds];
        WC()->session->set(ORDERGUARD_ANSWER, $known);
        // An offer that ends takes the shopper's yes along.
        if (empty($answer['eligible'])) WC()->session->set(ORDERGUARD_CHOICE, null);
    }
    $answer = $known['answer'] ?? [];
    $charge = $answer['chargeInstructions'] ?? null;
    return $charge && $charge['currencyCode'] === get_woocommerce_currency() ? $answer : null;
}

/**
 * What Orderguard says about a cart: nothing when it refuses, null when it is silent. After a silence nobody in
 * the shop asks for a while: one page waits a second, not every hook of it, and not the pages of other shoppers.
 */
function orderguard_ask(string $body): ?array
{
    $rests_until = get_transient(ORDERGUARD_REST);
    if ($rests_until > time()) return null;
    // Whoever comes first after a rest tries; those behind must not wait along.
    if ($rests_until) orderguard_rest();
    [$status, $answer] = orderguard_send('POST', '/v1/analyze', ORDERGUARD_KEY, $body, ORDERGUARD_BUDGET_SECONDS);
    if (!$status) {
        orderguard_rest();
        return null;
    }
    if ($rests_until) delete_transient(ORDERGUARD_REST);
    return $status === 200 && isset($answer['sessionId']) ? $answer : [];
}

function orderguard_rest(): void
{
    set_transient(ORDERGUARD_REST, time() + ORDERGUARD_REST_SECONDS, DAY_IN_SECONDS);
}

/** The offer, if what the shopper said yes to is still close enough to it. */
function orderguard_accepted(WC_Cart $cart): ?array
{
    // Totals are computed on every page; who said no, or nothing, waits for no answer there.
    $offer = WC()->session->get(ORDERGUARD_CHOICE) ? orderguard_offer($cart) : null;
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
    $yes = ($fields['orderguard'] ?? '') === 'yes';
    $offer = $yes ? orderguard_offer(WC()->cart) : null;
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
    $charge = $accepted['chargeInstructions'];
    $cart->fees_api()->add_fee([
        'id' => 'orderguard',
        'name' => __('Order protection', 'orderguard'),
        'amount' => orderguard_major($charge['amount'], $charge['currencyCode']),
        'taxable' => false,
        'orderguard_mode' => $accepted['mode'],
    ]);
}

/** An ordinary checkbox, off until it is ticked. WooCommerce redraws the total when it changes. */
function orderguard_show_offer(): void
{
    $offer = orderguard_offer(WC()->cart);
    if (!$offer) return;
    printf(
        '<p class="form-row update_totals_on_change"><input type="hidden" name="orderguard_shown" value="%s">'
        . '<label class="checkbox"><input type="checkbox" name="orderguard" value="yes"%s> %s (%s, %s)</label></p>',
        esc_attr(orderguard_token($offer)),
        orderguard_accepted(WC()->cart) ? ' checked' : '',
        esc_html__('Order protection', 'orderguard'),
        esc_html__('optional', 'orderguard'),
        wp_kses_post(orderguard_price($offer['chargeInstructions'])),
    );
}

function orderguard_remember_on_order(WC_Order $order): void
{
    $known = WC()->session->get(ORDERGUARD_ANSWER);
    $order->update_meta_data('_orderguard_session', $known['answer']['sessionId'] ?? '');
}

/** The modes stand on the fee itself: an order without the fee, for whatever reason, says nothing was bought. */
function orderguard_remember_on_fee(WC_Order_Item_Fee $item, string $key, object $fee): void
{
    if (isset($fee->orderguard_mode)) $item->add_meta_data('_orderguard_mode', wp_json_encode($fee->orderguard_mode), true);
}

/** Not in the shopper's request: Action Scheduler pushes it a moment later. */
function orderguard_queue_push(int $order_id): void
{
    as_enqueue_async_action(ORDERGUARD_PUSH, [$order_id]);
}

/** One more entry under "Order actions", for orders that were refused. */
function orderguard_name_push(array $actions): array
{
    return $actions + [ORDERGUARD_PUSH => __('Push to Orderguard again', 'orderguard')];
}

function orderguard_push_again(WC_Order $order): void
{
    orderguard_queue_push($order->get_id());
}

/** Safe to repeat. Silence is tried again, ever later; after a refusal it is the turn of whoever reads the note. */
function orderguard_push(int $order_id, int $attempt = 1): void
{
    $order = wc_get_order($order_id);
    if (!$order) return;
    $body = wp_json_encode(orderguard_order($order));
    [$status, $answer] = orderguard_send('PUT', '/api/v1/orders', ORDERGUARD_ORDERS_KEY, $body, 10);
    if (in_array($status, [200, 201], true) && $answer) return;
    $is_refused = $status >= 300 && $status < 500 && !in_array($status, [408, 425, 429], true);
    if ($is_refused || $attempt >= ORDERGUARD_PUSHES_AT_MOST) {
        $order->add_order_note(orderguard_note_on_push($status, $answer ?? []));
    } else {
        as_schedule_single_action(time() + 300 * 2 ** ($attempt - 1), ORDERGUARD_PUSH, [$order_id, $attempt + 1]);
    }
}

function orderguard_note_on_push(int $status, array $answer): string
{
    $why = $answer['message'] ?? $answer['error']['message'] ?? $answer['errors']['message'] ?? '';
    return sprintf(
        /* translators: 1: what Orderguard said, such as 422 and a sentence. */
        esc_html__('Orderguard does not have this order (%s), so it covers nothing. Choose "Push to Orderguard again" under Order actions when the reason is gone.', 'orderguard'),
        esc_html(trim(($status ?: __('no answer', 'orderguard')) . ' ' . (is_string($why) ? $why : ''))),
    );
}

/** The order as it was charged: its own fee and its own amounts, in the currency's decimals. */
function orderguard_order(WC_Order $order): array
{
    $currency = $order->get_currency();
    $money = fn ($amount) => ['amount' => orderguard_decimals($amount, $currency), 'currency_code' => $currency];
    $session = $order->get_meta('_orderguard_session');
    $fees = array_filter($order->get_fees(), fn ($fee) => $fee->get_meta('_orderguard_mode'));
    return [
        'external_id' => (string) $order->get_id(),
        'name' => '#' . $order->get_order_number(),
        'taxes_included' => true,
        'total_price' => $money($order->get_total()),
        'line_items' => array_map(fn ($item) => [
            'external_id' => (string) $item->get_id(),
            'title' => $item->get_name(),
            'quantity' => $item->get_quantity(),
            'price' => $money($order->get_item_total($item, true)),
        ], array_values($order->get_items())),
        'fees' => array_map(fn ($fee) => [
            'name' => 'Order protection',
            'accepted_offer_mode' => json_decode($fee->get_meta('_orderguard_mode')),
            'amount' => $money($fee->get_total()),
        ], array_values($fees)),
        'metadata' => $session ? [['key' => 'session_id', 'value' => $session]] : [],
    ];
}

/** Status and answer: 0 when nobody answered, null when it is no JSON object. */
function orderguard_send(string $method, string $path, string $key, string $body, float $seconds): array
{
    $response = wp_remote_request(ORDERGUARD_URL . $path, [
        'method' => $method,
        'timeout' => $seconds,
        'redirection' => 0,
        'headers' => ['X-Authorization' => $key, 'Content-Type' => 'application/json'],
        'body' => $body,
    ]);
    if (is_wp_error($response)) return [0, null];
    $answer = json_decode(wp_remote_retrieve_body($response), true);
    return [(int) wp_remote_retrieve_response_code($response), is_array($answer) ? $answer : null];
}
