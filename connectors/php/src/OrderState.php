<?php

declare(strict_types=1);

namespace Orderguard\Core;

/** What an order's state means for Orderguard, whatever the platform calls it. */
enum OrderState
{
    /** Placed and not paid: nothing is covered. */
    case Unpaid;

    /** Paid, or as good as paid by the merchant's choice. */
    case Paid;

    /** Failed, cancelled, refunded in full, or thrown away. */
    case Ended;

    /**
     * The `status` to push, or null when there is nothing to say.
     *
     * Orderguard first hears of an order when it is paid. What was reported once is reported again when it ends.
     */
    public function toWire(bool $wasReported): ?string
    {
        return match ($this) {
            self::Paid => 'active',
            self::Unpaid => $wasReported ? 'pending' : null,
            self::Ended => $wasReported ? 'cancelled' : null,
        };
    }
}
