<?php

defined('ABSPATH') || exit;

/** Orders in one table, as JSON. */
final class Stub_Orders
{
    public static function get(int $id): ?WC_Order
    {
        global $wpdb;
        $kept = $wpdb->get_var($wpdb->prepare('SELECT data FROM stub_orders WHERE id = %d', $id));
        if (!$kept) return null;
        $values = json_decode($kept, true);
        return 'shop_order_refund' === $values['type'] ? new WC_Order_Refund($values) : new WC_Order($values);
    }

    public static function write(WC_Order $order): void
    {
        global $wpdb;
        $data = wp_json_encode($order->to_array());
        if ($order->id) {
            $wpdb->update('stub_orders', ['data' => $data], ['id' => $order->id]);
        } else {
            $wpdb->insert('stub_orders', ['data' => $data]);
            $order->id = (int) $wpdb->insert_id;
            $order->name_items();
            self::write($order);
        }
    }

    public static function remove(int $id): void
    {
        global $wpdb;
        $wpdb->delete('stub_orders', ['id' => $id]);
    }

    /** @return list<WC_Order> */
    public static function all(): array
    {
        global $wpdb;
        return array_map(static fn ($id) => self::get((int) $id), $wpdb->get_col('SELECT id FROM stub_orders ORDER BY id'));
    }

    public static function next_item(): int
    {
        $next = 1 + (int) get_option('stub_last_item', 0);
        update_option('stub_last_item', $next);
        return $next;
    }
}

class WC_Order extends WC_Data
{
    protected array $values;
    /** @var list<WC_Order_Item> */
    protected array $items = [];
    protected ?array $change = null;

    public function __construct(array $values = [])
    {
        $this->values = $values + ['type' => 'shop_order', 'status' => 'pending', 'total' => '0', 'currency' => get_woocommerce_currency(), 'created' => time(), 'modified' => time(), 'paid' => null, 'shipping' => 0, 'notes' => [], 'parent' => 0, 'amount' => '0'];
        $this->id = $values['id'] ?? 0;
        $this->meta = $values['meta'] ?? [];
        foreach ($values['items'] ?? [] as $item) $this->items[] = new $item['class']($item);
    }

    public function to_array(): array
    {
        return ['id' => $this->id, 'meta' => $this->meta, 'items' => array_map(static fn ($item) => $item->to_array(), $this->items)] + $this->values;
    }

    public function value(string $name, $value = null)
    {
        if (null !== $value) $this->values[$name] = $value;
        return $this->values[$name] ?? null;
    }

    public function get_parent_id(): int { return $this->values['parent']; }
    public function get_order_key(): string { return 'wc_order_' . $this->id; }
    public function get_type(): string { return $this->values['type']; }
    public function get_status(): string { return $this->values['status']; }
    public function get_total(): string { return (string) $this->values['total']; }
    public function get_currency(): string { return $this->values['currency']; }
    public function get_order_number(): string { return (string) $this->id; }
    public function get_shipping_total(): string { return (string) $this->values['shipping']; }
    public function get_shipping_tax(): string { return '0'; }
    public function get_total_tax(): string { return (string) array_sum(array_map(static fn ($item) => (float) $item->get_total_tax(), $this->items)); }
    public function get_date_created(): WC_DateTime { return new WC_DateTime('@' . $this->values['created']); }
    public function get_date_modified(): WC_DateTime { return new WC_DateTime('@' . $this->values['modified']); }
    public function get_date_paid(): ?WC_DateTime { return $this->values['paid'] ? new WC_DateTime('@' . $this->values['paid']) : null; }
    public function needs_payment(): bool { return in_array($this->values['status'], ['pending', 'failed'], true) && $this->values['total'] > 0; }

    public function get_items(): array
    {
        return array_values(array_filter($this->items, static fn ($item) => $item instanceof WC_Order_Item_Product));
    }

    public function get_fees(): array
    {
        return array_values(array_filter($this->items, static fn ($item) => $item instanceof WC_Order_Item_Fee));
    }

    public function get_refunds(): array
    {
        return array_values(array_filter(Stub_Orders::all(), fn ($other) => $other instanceof WC_Order_Refund && $other->value('parent') === $this->id));
    }

    public function set_items(array $items): void
    {
        $this->items = $items;
        foreach ($this->items as $item) {
            if (!$item->id) $item->id = Stub_Orders::next_item();
        }
        $this->name_items();
    }

    public function name_items(): void
    {
        foreach ($this->items as $item) $item->values['order'] = $this->id;
    }

    public function replace_item(WC_Order_Item $changed): void
    {
        $this->items = array_map(static fn ($item) => $item->id === $changed->id ? $changed : $item, $this->items);
    }

    public function add_product(WC_Product $product, int $quantity): void
    {
        $this->set_items([...$this->items, new WC_Order_Item_Product(['name' => $product->get_name(), 'product' => $product->get_id(), 'quantity' => $quantity, 'total' => $product->get_price() * $quantity])]);
    }

    public function calculate_totals(): void
    {
        $this->values['total'] = (string) array_sum(array_map(static fn ($item) => (float) $item->get_total() + (float) $item->get_total_tax(), $this->items)) + $this->values['shipping'];
    }

    public function add_order_note(string $note): void
    {
        $this->values['notes'][] = $note;
        Stub_Orders::write($this);
    }

    public function set_status(string $status): void
    {
        if ($status !== $this->values['status']) {
            $this->change = [$this->values['status'], $status];
            $this->values['status'] = $status;
            if (in_array($status, wc_get_is_paid_statuses(), true)) $this->values['paid'] ??= time();
        }
    }

    public function update_status(string $status, string $note = ''): void
    {
        $this->set_status($status);
        $this->save();
    }

    public function payment_complete(string $transaction = ''): void
    {
        $this->update_status('processing');
    }

    public function read_meta_data(bool $force = false): void
    {
        $this->meta = Stub_Orders::get($this->id)?->meta ?? $this->meta;
    }

    public function save_meta_data(): void
    {
        $fresh = Stub_Orders::get($this->id);
        if ($fresh) {
            $fresh->meta = $this->meta;
            Stub_Orders::write($fresh);
        }
    }

    public function save(): int
    {
        // A draft of the Store API counts as new when it becomes an order.
        $is_new = !$this->id || 'checkout-draft' === ($this->change[0] ?? '');
        $this->values['modified'] = time();
        Stub_Orders::write($this);
        $is_new ? do_action('woocommerce_new_order', $this->id, $this) : do_action('woocommerce_update_order', $this->id, $this);
        if ($this->change) {
            [$from, $to] = $this->change;
            $this->change = null;
            do_action("woocommerce_order_status_$to", $this->id, $this);
            do_action('woocommerce_order_status_changed', $this->id, $from, $to, $this);
            if ('refunded' === $to && !$this->get_refunds()) {
                wc_create_refund(['order_id' => $this->id, 'amount' => $this->values['total'], 'line_items' => []]);
            }
        }
        return $this->id;
    }

    public function delete(bool $force = false): void
    {
        if ($force) {
            $this instanceof WC_Order_Refund || do_action('woocommerce_before_delete_order', $this->id, $this);
            Stub_Orders::remove($this->id);
        } else {
            $this->values['status'] = 'trash';
            Stub_Orders::write($this);
            do_action('woocommerce_trash_order', $this->id);
        }
    }
}

final class WC_Order_Refund extends WC_Order
{
    public function get_amount(): string
    {
        return (string) $this->values['amount'];
    }
}

function wc_get_order($id)
{
    return $id instanceof WC_Order ? $id : (Stub_Orders::get((int) $id) ?: false);
}

function wc_create_order(): WC_Order
{
    $order = new WC_Order();
    $order->save();
    return $order;
}

/** As much of its arguments as our plugin and the tests use. */
function wc_get_orders(array $args): array
{
    $statuses = array_map(static fn ($status) => str_replace('wc-', '', $status), (array) ($args['status'] ?? []));
    $found = array_filter(Stub_Orders::all(), static function (WC_Order $order) use ($args, $statuses): bool {
        foreach ($args['meta_query'] ?? [] as $wanted) {
            if (('EXISTS' === $wanted['compare']) !== ('' !== $order->get_meta($wanted['key']))) return false;
        }
        foreach (['date_created' => 'created', 'date_modified' => 'modified'] as $name => $value) {
            if (isset($args[$name]) && $order->value($value) < (int) substr($args[$name], 2)) return false;
        }
        return $order->get_type() === ($args['type'] ?? 'shop_order') && (!$statuses || in_array($order->get_status(), $statuses, true));
    });
    $ids = array_values(array_map(static fn ($order) => $order->id, $found));
    return array_slice('DESC' === ($args['order'] ?? 'ASC') ? array_reverse($ids) : $ids, 0, -1 === ($args['limit'] ?? 10) ? null : $args['limit'] ?? 10);
}

function wc_get_order_notes(array $args): array
{
    return array_map(static fn ($note) => (object) ['content' => $note], Stub_Orders::get($args['order_id'])->value('notes'));
}

function wc_create_refund(array $args)
{
    $order = wc_get_order($args['order_id']);
    $refund = new WC_Order_Refund(['type' => 'shop_order_refund', 'status' => 'completed', 'amount' => (string) $args['amount'], 'parent' => $order->id, 'currency' => $order->get_currency(), 'total' => (string) -$args['amount']]);
    $items = [];
    foreach ([...$order->get_items(), ...$order->get_fees()] as $item) {
        $back = $args['line_items'][$item->get_id()] ?? null;
        if (!$back) continue;
        $values = $item->to_array();
        // WooCommerce copies the item with all its meta, ours as well.
        $values = ['id' => 0, 'quantity' => -$back['qty'], 'total' => -$back['refund_total'], 'tax' => -array_sum($back['refund_tax']), 'meta' => ['_refunded_item_id' => $item->get_id()] + $values['meta']] + $values;
        $items[] = new $values['class']($values);
    }
    $refund->set_items($items);
    Stub_Orders::write($refund);
    do_action('woocommerce_update_order', $order->id, $order);
    do_action('woocommerce_order_refunded', $order->id, $refund->id);
    $back = array_sum(array_map(static fn ($each) => (float) $each->get_amount(), $order->get_refunds()));
    if ($back >= (float) $order->get_total() && 'refunded' !== $order->get_status()) {
        wc_get_order($order->id)->update_status('refunded');
    }
    return $refund;
}
