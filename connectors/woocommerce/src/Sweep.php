<?php

declare(strict_types=1);

namespace Orderguard\WooCommerce;

use Automattic\WooCommerce\Utilities\OrderUtil;

defined('ABSPATH') || exit;

/** Once a day, and after every activation: orders that should have been reported and were not. */
final class Sweep
{
    public const AT_ONCE = 200;
    private const QUERY = 'orderguard_meta';

    public function __construct(
        private readonly States $states,
        private readonly Queue $queue,
        private readonly Orders $orders,
    ) {
    }

    /** Runs when Action Scheduler is ready. The look for the daily sweep costs a query, so pages of shoppers skip it. */
    public function schedule(): void
    {
        if (!State::get('since')) {
            State::change(['since' => time()]);
        }
        if (State::get('sweep_due')) {
            State::change(['sweep_due' => null]);
            $this->queue->sweepSoon();
        }
        if (is_admin() || wp_doing_cron()) {
            $this->queue->sweepDaily();
        }
    }

    /** Runs in Action Scheduler. */
    public function run(): void
    {
        $due = self::find([['key' => Orders::DUE, 'compare' => 'EXISTS']]);
        $unknown = self::find(
            [
                ['key' => Orders::PUSHED, 'compare' => 'NOT EXISTS'],
                ['key' => Orders::REFUSED, 'compare' => 'NOT EXISTS'],
            ],
            ['status' => $this->states->paid(), 'date_created' => '>=' . (int) State::get('since')],
        );
        foreach (array_unique([...$due, ...$unknown]) as $id) {
            $order = wc_get_order($id);
            if ($order instanceof \WC_Order) {
                $order->get_meta(Orders::DUE) || $this->orders->markDue($order);
                $this->queue->pushSoon($id);
            }
        }
        foreach (Orders::deleted() as $externalId) {
            $this->queue->deleteSoon($externalId);
        }
        $this->catchUp();
        if (count($due) >= self::AT_ONCE || count($unknown) >= self::AT_ONCE) {
            $this->queue->sweepSoon(HOUR_IN_SECONDS);
        }
    }

    /** How many orders wait. */
    public static function waiting(): int
    {
        return count(self::find([['key' => Orders::DUE, 'compare' => 'EXISTS']]));
    }

    public static function refused(): int
    {
        return count(self::find([['key' => Orders::REFUSED, 'compare' => 'EXISTS']]));
    }

    /** What `meta_query` is to WooCommerce's own storage, for orders kept as posts. */
    public static function extendPostsQuery(mixed $query, mixed $variables): mixed
    {
        if (is_array($query) && is_array($variables) && !empty($variables[self::QUERY])) {
            $query['meta_query'] = array_merge($query['meta_query'] ?? [], $variables[self::QUERY]);
        }

        return $query;
    }

    /** Orders that changed while the plugin was off. */
    private function catchUp(): void
    {
        $off = (int) State::get('off_since');
        if (!$off) {
            return;
        }
        $changed = self::find(
            [['key' => Orders::PUSHED, 'compare' => 'EXISTS']],
            ['date_modified' => '>=' . ($off - HOUR_IN_SECONDS), 'limit' => 10 * self::AT_ONCE],
        );
        foreach ($changed as $id) {
            $this->orders->noteChange($id);
        }
        State::change(['off_since' => null]);
    }

    /**
     * @param list<array<string, string>> $meta
     * @param array<string, mixed>        $more
     *
     * @return list<int>
     */
    private static function find(array $meta, array $more = []): array
    {
        $found = wc_get_orders($more + [
            'type' => 'shop_order',
            'status' => [...array_keys(wc_get_order_statuses()), 'trash'],
            'limit' => self::AT_ONCE,
            'orderby' => 'ID',
            'order' => 'ASC',
            'return' => 'ids',
            // Orders kept as posts do not take `meta_query`, and WooCommerce complains of it.
            (OrderUtil::custom_orders_table_usage_is_enabled() ? 'meta_query' : self::QUERY) => $meta,
        ]);

        return is_array($found) ? array_map('intval', $found) : [];
    }
}
