<?php

declare(strict_types=1);

namespace Orderguard\WooCommerce;

use Orderguard\Core\OrderState;

defined('ABSPATH') || exit;

/** What WooCommerce's order states mean. The guide has the same table. */
final class States
{
    private const ENDED = ['cancelled', 'failed', 'refunded', 'trash'];

    public function __construct(private readonly Settings $settings)
    {
    }

    public function of(\WC_Order $order): OrderState
    {
        $status = $order->get_status();
        if (in_array($status, self::ENDED, true)) {
            return OrderState::Ended;
        }

        return match (true) {
            in_array($status, $this->paid(), true) => OrderState::Paid,
            in_array($status, ['pending', 'on-hold', 'checkout-draft', 'auto-draft', 'draft'], true) => OrderState::Unpaid,
            // A state of another plugin, such as "shipped", is paid when the order was.
            default => $order->get_date_paid() ? OrderState::Paid : OrderState::Unpaid,
        };
    }

    /** Processing and completed, what other plugins count as paid, and on-hold if the merchant says so. @return list<string> */
    public function paid(): array
    {
        return array_values(array_unique([
            ...wc_get_is_paid_statuses(),
            ...($this->settings->isOnHoldPaid ? ['on-hold'] : []),
        ]));
    }
}
