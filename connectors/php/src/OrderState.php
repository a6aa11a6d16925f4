<?php

declare(strict_types=1);

namespace Orderguard\Core;

/** The state of an order as Orderguard distinguishes it, on every platform. */
enum OrderState
{
    /** Placed and not paid: nothing is covered. */
    case Unpaid;

    /** Paid, or as good as paid by the merchant's choice. */
    case Paid;

    /** Failed, cancelled, refunded in full, or deleted. */
    case Ended;

    /**
     * The `status` to push, or null when there is nothing to say.
     *
     * An order is first pushed when it is paid. A pushed order is pushed again when it ends.
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
