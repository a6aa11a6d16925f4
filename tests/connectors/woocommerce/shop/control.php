<?php
/**
 * What tests do behind the scenes: POST /?test_control with {"do": …}. Part of the test shop, not of the plugin.
 */

defined('ABSPATH') || exit;

// "No limit" is a number of MySQL that SQLite cannot read.
add_filter('query', static fn ($sql) => str_replace('18446744073709551615', '9223372036854775807', (string) $sql));
// The machine may be busy, which is no outage; tests of silence set the option, to zero for what shops wait.
add_filter('orderguard_timeout', static fn ($seconds) => (float) get_option('test_timeout', 20) ?: $seconds);
add_filter('pre_wp_mail', '__return_true');
add_filter('locale', static fn ($locale) => get_option('test_locale') ?: $locale);
add_filter('woocommerce_background_image_regeneration', '__return_false');
add_filter('woocommerce_admin_disabled', '__return_true');
add_filter('action_scheduler_run_queue', '__return_false');
add_filter('https_ssl_verify', '__return_false');
add_action('init', static fn () => class_exists('ActionScheduler_QueueRunner') && remove_action('shutdown', [ActionScheduler_QueueRunner::instance(), 'maybe_dispatch_async_request']), 99);

// Every request of the plugin to Orderguard is written down.
add_action('http_api_debug', static function ($response, $context, $class, $arguments, $url) {
    if (str_contains($url, '127.0.0.1')) {
        file_put_contents(SHOP_FOLDER . '/requests.log', json_encode([
            'method' => $arguments['method'], 'path' => parse_url($url, PHP_URL_PATH), 'body' => json_decode($arguments['body'] ?? 'null', true),
            'timeout' => $arguments['timeout'], 'status' => is_wp_error($response) ? 0 : wp_remote_retrieve_response_code($response),
        ]) . "\n", FILE_APPEND | LOCK_EX);
    }
}, 10, 5);

/** A warehouse per product: each line of the cart is a package of its own. */
add_filter('woocommerce_cart_shipping_packages', static function ($packages) {
    if (get_option('test_split') !== 'yes') return $packages;
    $split = [];
    foreach ($packages[0]['contents'] ?? [] as $key => $line) {
        $split[] = ['contents' => [$key => $line], 'contents_cost' => $line['line_total'] ?? 0] + $packages[0];
    }
    return $split;
});

/** A payment method that pays at once, or declines when the option says so. */
add_filter('woocommerce_payment_gateways', static function ($gateways) {
    if (!class_exists('Test_Card')) {
        class Test_Card extends WC_Payment_Gateway
        {
            public function __construct()
            {
                $this->id = 'test_card';
                $this->title = $this->method_title = 'Test card';
                $this->enabled = 'yes';
                $this->supports = ['products', 'refunds'];
            }

            public function process_payment($order_id)
            {
                $order = wc_get_order($order_id);
                if (get_option('test_card_declines') === 'yes') {
                    $order->update_status('failed', 'Declined');
                    wc_add_notice('Your card was declined.', 'error');
                    return ['result' => 'failure'];
                }
                $order->payment_complete('test');
                WC()->cart->empty_cart();
                return ['result' => 'success', 'redirect' => $this->get_return_url($order)];
            }

            public function process_refund($order_id, $amount = null, $reason = '')
            {
                return true;
            }
        }
    }
    $gateways[] = 'Test_Card';
    return $gateways;
});

/** Subscriptions computes its recurring carts by the same hook; this is what it does, in short. */
add_action('woocommerce_after_calculate_totals', static function ($cart) {
    if (get_option('test_recurring') !== 'yes' || !empty($cart->recurring_cart_key) || $cart !== WC()->cart) return;
    $recurring = clone $cart;
    $recurring->recurring_cart_key = 'monthly';
    $recurring->fees_api()->remove_all_fees();
    $recurring->calculate_totals();
    update_option('test_recurring_fees', wp_list_pluck($recurring->get_fees(), 'amount'));
});

final class Test_Control
{
    public static function options(array $values): array
    {
        foreach ($values as $name => $value) null === $value ? delete_option($name) : update_option($name, $value);
        return [];
    }

    public static function option(string $name): mixed
    {
        return get_option($name);
    }

    public static function order(int $id): ?array
    {
        $order = wc_get_order($id);
        if (!$order) return null;
        return [
            'id' => $id,
            'status' => $order->get_status(),
            'key' => $order->get_order_key(),
            'total' => $order->get_total(),
            'tax' => $order->get_total_tax(),
            'fees' => array_values(array_map(static fn ($fee) => ['id' => $fee->get_id(), 'name' => $fee->get_name(), 'total' => $fee->get_total(), 'tax' => $fee->get_total_tax(), 'modes' => $fee->get_meta('_orderguard_mode')], $order->get_fees())),
            'items' => array_values(array_map(static fn ($item) => ['id' => $item->get_id(), 'name' => $item->get_name(), 'quantity' => $item->get_quantity(), 'total' => $item->get_total(), 'tax' => $item->get_total_tax()], $order->get_items())),
            'session' => $order->get_meta('_orderguard_session'),
            'due' => $order->get_meta('_orderguard_due'),
            'pushed' => $order->get_meta('_orderguard_pushed'),
            'refused' => $order->get_meta('_orderguard_refused'),
            'notes' => array_map(static fn ($note) => wp_strip_all_tags($note->content), wc_get_order_notes(['order_id' => $id])),
            'meta' => array_values(array_map(static fn ($meta) => $meta->key, $order->get_meta_data())),
        ];
    }

    /** Reports what waits, if the plugin is there. Then, per order, what the shop itself says of the money for protection. */
    public static function money(): array
    {
        self::run_queue(true);
        $found = [];
        foreach (wc_get_orders(['limit' => -1, 'type' => 'shop_order', 'status' => [...array_keys(wc_get_order_statuses()), 'trash']]) as $order) {
            $order = $order instanceof WC_Order ? $order : wc_get_order($order);
            $shown = static fn ($item) => (float) $item->get_total() + ('incl' === $order->get_meta('_orderguard_tax') ? (float) $item->get_total_tax() : 0);
            $fees = array_filter($order->get_fees(), static fn ($item) => (bool) $item->get_meta('_orderguard_mode'));
            $back = 0.0;
            foreach ($order->get_refunds() as $refund) {
                foreach ($refund->get_fees() as $item) $back -= $shown($item);
            }
            $found[$order->get_id()] = [
                'status' => $order->get_status(),
                'total' => $order->get_total(),
                'fee' => array_sum(array_map($shown, $fees)),
                'back' => $back,
                'due' => (bool) $order->get_meta('_orderguard_due'),
            ];
        }
        return ['orders' => (object) $found];
    }

    public static function last_order(): ?array
    {
        $ids = wc_get_orders(['limit' => 1, 'orderby' => 'ID', 'order' => 'DESC', 'return' => 'ids', 'type' => 'shop_order', 'status' => [...array_keys(wc_get_order_statuses()), 'checkout-draft']]);
        return $ids ? self::order((int) $ids[0]) : null;
    }

    public static function set_status(int $id, string $status): ?array
    {
        wc_get_order($id)->update_status($status);
        return self::order($id);
    }

    /** Pieces by the item's place in the order, the part of the fee, and a sum that names nothing. */
    public static function refund(int $id, array $pieces = [], float $fee = 0, string $other = '0'): array
    {
        $order = wc_get_order($id);
        $lines = [];
        $sum = (float) $other;
        foreach (array_values($order->get_items()) as $place => $item) {
            if (empty($pieces[$place])) continue;
            $part = $pieces[$place] / $item->get_quantity();
            $taxes = array_map(static fn ($tax) => (float) $tax * $part, $item->get_taxes()['total'] ?? []);
            $lines[$item->get_id()] = ['qty' => $pieces[$place], 'refund_total' => $item->get_total() * $part, 'refund_tax' => $taxes];
            $sum += $item->get_total() * $part + array_sum($taxes);
        }
        if ($fee) {
            foreach ($order->get_fees() as $item) {
                $back = round($item->get_total() * $fee, 2);
                $taxes = array_map(static fn ($tax) => (float) $tax * $fee, $item->get_taxes()['total'] ?? []);
                $lines[$item->get_id()] = ['qty' => 0, 'refund_total' => $back, 'refund_tax' => $taxes];
                $sum += $back + array_sum($taxes);
            }
        }
        $refund = wc_create_refund(['order_id' => $id, 'amount' => wc_format_decimal($sum, 2), 'line_items' => $lines, 'reason' => 'test']);
        return is_wp_error($refund) ? ['error' => $refund->get_error_message()] : ['id' => $refund->get_id(), 'amount' => $refund->get_amount()];
    }

    public static function delete_refund(int $id): array
    {
        $refund = wc_get_order($id);
        $order = $refund instanceof WC_Order && method_exists($refund, 'get_parent_id') ? $refund->get_parent_id() : 0;
        $refund->delete(true);
        // As the order screen does.
        do_action('woocommerce_refund_deleted', $id, $order);
        return [];
    }

    public static function trash(int $id): array
    {
        wc_get_order($id)->delete(false);
        return [];
    }

    public static function delete(int $id): array
    {
        wc_get_order($id)->delete(true);
        return [];
    }

    /** By hand in the admin: another quantity, saved with the items. */
    public static function edit(int $id, int $quantity): ?array
    {
        $order = wc_get_order($id);
        foreach ($order->get_items() as $item) {
            $one = $item->get_total() / $item->get_quantity();
            $item->set_quantity($quantity);
            $item->set_subtotal($one * $quantity);
            $item->set_total($one * $quantity);
            $item->save();
        }
        $order = wc_get_order($id);
        $order->calculate_totals(false);
        $order->save();
        return self::order($id);
    }

    /** Another name for a product. */
    public static function title(string $product, string $title): array
    {
        $id = get_option('test_shop_ids')[$product];
        update_option('test_titles', [$product => $title]);
        global $wpdb;
        $wpdb->update($wpdb->posts, ['post_title' => $title], ['ID' => $id]);
        clean_post_cache($id);
        return [];
    }

    /** One page that asks about several carts. */
    public static function ask(int $times): array
    {
        $server = new Orderguard\WooCommerce\Server(Orderguard\WooCommerce\Settings::load(), new Orderguard\WooCommerce\Health());
        add_action('http_api_curl', [$server, 'shorten'], 10, 3);
        return array_map(static fn () => null !== $server->analyze(['cart' => []]), range(1, $times));
    }

    /** An order that no checkout made. */
    public static function admin_order(string $product, bool $paid): ?array
    {
        $order = wc_create_order();
        $order->add_product(wc_get_product(get_option('test_shop_ids')[$product]), 1);
        $order->calculate_totals();
        $order->set_status($paid ? 'processing' : 'pending');
        $order->save();
        return self::order($order->get_id());
    }

    /** What waits, and when. */
    public static function queue(): array
    {
        return Test_Queue::all();
    }

    /** Runs what is due now, or also what is planned for later. What it ran. */
    public static function run_queue(bool $later = false): array
    {
        $ran = [];
        for ($round = 0; $round < 10; $round++) {
            $due = array_filter(Test_Queue::all(), static fn ($action) => ($later && 0 === $round && !$action['recurring']) || $action['at'] <= time());
            if (!$due) break;
            foreach ($due as $action) {
                $ran[] = $action['hook'];
                Test_Queue::run($action['id']);
            }
        }
        return $ran;
    }

    /** "Push to Orderguard again" under Order actions. */
    public static function push_again(int $id): array
    {
        do_action('woocommerce_order_action_orderguard_push', wc_get_order($id));
        return [];
    }

    /** The daily sweep comes round. */
    public static function sweep(): array
    {
        do_action('orderguard_sweep');
        return [];
    }

    /** Seconds pass: what the session remembers and the breaker's rest become older. */
    public static function age(int $seconds): array
    {
        global $wpdb;
        $table = $wpdb->prefix . 'woocommerce_sessions';
        foreach ($wpdb->get_results("SELECT session_id, session_value FROM $table") as $row) {
            $values = unserialize($row->session_value);
            $kept = isset($values['orderguard']) ? maybe_unserialize($values['orderguard']) : null;
            if (is_array($kept) && isset($kept['answer'])) {
                $kept['answer']['at'] -= $seconds;
                $values['orderguard'] = maybe_serialize($kept);
                $wpdb->update($table, ['session_value' => serialize($values)], ['session_id' => $row->session_id]);
            }
        }
        $rest = get_transient('orderguard_rest');
        if (is_array($rest)) set_transient('orderguard_rest', [$rest[0], $rest[1] - $seconds], DAY_IN_SECONDS);
        wp_cache_flush();
        return [];
    }

    public static function activate(string $plugin): array
    {
        require_once ABSPATH . 'wp-admin/includes/plugin.php';
        $result = activate_plugin($plugin);
        return is_wp_error($result) ? ['error' => $result->get_error_message()] : [];
    }

    public static function deactivate(string $plugin): array
    {
        require_once ABSPATH . 'wp-admin/includes/plugin.php';
        deactivate_plugins($plugin);
        return [];
    }

    public static function uninstall(string $plugin): array
    {
        require_once ABSPATH . 'wp-admin/includes/plugin.php';
        require_once ABSPATH . 'wp-admin/includes/file.php';
        $result = delete_plugins([$plugin]);
        return is_wp_error($result) ? ['error' => $result->get_error_message()] : [];
    }

    /** Which tables and columns hold the word, with how often. */
    public static function search(string $word): array
    {
        global $wpdb;
        $found = [];
        foreach ($wpdb->get_col('SHOW TABLES') as $table) {
            foreach ($wpdb->get_results("SELECT * FROM `$table`", ARRAY_A) ?: [] as $row) {
                foreach ($row as $column => $value) {
                    if (stripos((string) $value, $word) !== false) $found["$table.$column"] = ($found["$table.$column"] ?? 0) + 1;
                }
            }
        }
        return $found;
    }

    /** What the Site Health of WooCommerce prints. */
    public static function status_report(): string
    {
        ob_start();
        do_action('woocommerce_system_status_report');
        return (string) ob_get_clean();
    }

    /** Compatibility as WooCommerce counts it. */
    public static function compatibility(string $plugin): array
    {
        $found = [];
        foreach (['custom_order_tables', 'cart_checkout_blocks'] as $feature) {
            $plugins = Automattic\WooCommerce\Utilities\FeaturesUtil::get_compatible_plugins_for_feature($feature);
            $found[$feature] = in_array($plugin, $plugins['compatible'] ?? [], true);
        }
        return $found;
    }

    public static function filter(string $name, mixed $value): mixed
    {
        return apply_filters($name, $value);
    }
}

/** Action Scheduler, as far as a test looks at it. */
final class Test_Queue
{
    public static function all(): array
    {
        if (!class_exists('ActionScheduler_Store')) return Stub_Queue::all();
        $found = [];
        foreach (ActionScheduler_Store::instance()->query_actions(['group' => 'orderguard', 'status' => 'pending', 'per_page' => 100, 'orderby' => 'date', 'order' => 'ASC']) as $id) {
            $action = ActionScheduler_Store::instance()->fetch_action($id);
            $date = $action->get_schedule()->get_date();
            $found[] = ['id' => (int) $id, 'hook' => $action->get_hook(), 'args' => $action->get_args(), 'at' => $date ? $date->getTimestamp() : 0, 'recurring' => $action->get_schedule()->is_recurring()];
        }
        return $found;
    }

    public static function run(int $id): void
    {
        class_exists('ActionScheduler_Store') ? ActionScheduler::runner()->process_action($id) : Stub_Queue::run($id);
    }
}

add_action('wp_loaded', static function (): void {
    if (!isset($_GET['test_control'])) return;
    $call = json_decode((string) file_get_contents('php://input'), true);
    $answer = [Test_Control::class, $call['do']](...$call['with']);
    header('Content-Type: application/json');
    echo json_encode(['answer' => $answer], JSON_INVALID_UTF8_SUBSTITUTE);
    exit;
}, 99);
