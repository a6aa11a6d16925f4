<?php

declare(strict_types=1);

namespace Orderguard\WooCommerce;

defined('ABSPATH') || exit;

/** Work outside the shopper's request, in Action Scheduler, under a group of our own. */
final class Queue
{
    public const GROUP = 'orderguard';
    public const PUSH = 'orderguard_push_order';
    public const DELETE = 'orderguard_delete_order';
    public const SWEEP = 'orderguard_sweep';

    /** Once, as soon as possible; a later attempt that waits is replaced. */
    public function pushSoon(int $orderId): void
    {
        if ($this->isReady()) {
            as_unschedule_all_actions(self::PUSH, [$orderId], self::GROUP);
            as_enqueue_async_action(self::PUSH, [$orderId], self::GROUP);
        }
    }

    public function pushLater(int $orderId, int $seconds): void
    {
        if ($this->isReady()) {
            as_schedule_single_action(time() + $seconds, self::PUSH, [$orderId], self::GROUP);
        }
    }

    public function deleteSoon(string $externalId, int $attempt = 1, int $seconds = 0): void
    {
        if ($this->isReady()) {
            as_unschedule_all_actions(self::DELETE, [$externalId, $attempt], self::GROUP);
            as_schedule_single_action(time() + $seconds, self::DELETE, [$externalId, $attempt], self::GROUP);
        }
    }

    public function sweepSoon(int $seconds = 0): void
    {
        if ($this->isReady()) {
            as_schedule_single_action(time() + $seconds, self::SWEEP, ['once'], self::GROUP);
        }
    }

    public function sweepDaily(): void
    {
        if ($this->isReady() && !as_has_scheduled_action(self::SWEEP, [], self::GROUP)) {
            as_schedule_recurring_action(time() + DAY_IN_SECONDS, DAY_IN_SECONDS, self::SWEEP, [], self::GROUP);
        }
    }

    /** Before its tables are ready, Action Scheduler must not be called; the daily sweep finds the marked orders. */
    private function isReady(): bool
    {
        return function_exists('as_enqueue_async_action') && did_action('action_scheduler_init');
    }
}
