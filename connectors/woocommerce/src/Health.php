<?php

declare(strict_types=1);

namespace Orderguard\WooCommerce;

defined('ABSPATH') || exit;

/** When Orderguard last answered, and the last failure with its reason, for the merchant to read. */
final class Health
{
    /** An option is written at most this often for good news. */
    private const SUCCESS_NOTED_EVERY = 300;

    public function noteSuccess(string $where): void
    {
        $last = (int) (State::get("{$where}_ok") ?? 0);
        $failed = $this->failure($where);
        if ($failed || $last < time() - self::SUCCESS_NOTED_EVERY) {
            State::change(["{$where}_ok" => time(), "{$where}_failure" => null]);
        }
    }

    /** `$where` is offers or orders; `$why` a sentence, or the server's status with its own sentence. */
    public function noteFailure(string $where, string $why): void
    {
        $known = $this->failure($where);
        if (!$known || $known['why'] !== $why || $known['at'] < time() - self::SUCCESS_NOTED_EVERY) {
            State::change(["{$where}_failure" => ['at' => time(), 'why' => $why, 'since' => $known['since'] ?? time()]]);
        }
    }

    public function lastSuccess(string $where): int
    {
        return (int) (State::get("{$where}_ok") ?? 0);
    }

    /** @return array{at: int, why: string, since: int}|null */
    public function failure(string $where): ?array
    {
        $failure = State::get("{$where}_failure");

        return is_array($failure) ? $failure : null;
    }

    /** What a failure means for the merchant. */
    public static function explain(int $status, string $said): string
    {
        return match (true) {
            0 === $status => __('Nobody answered at this address.', 'orderguard-for-woocommerce'),
            401 === $status => __('The key was refused: it is mistyped, revoked, or issued for the other purpose.', 'orderguard-for-woocommerce'),
            404 === $status || 405 === $status => __('There is no Orderguard at this address. Check it for a missing or needless path.', 'orderguard-for-woocommerce'),
            429 === $status => __('Orderguard has received too many requests from this shop.', 'orderguard-for-woocommerce'),
            $status >= 300 && $status < 400 => __('The address redirects to another one. Enter the other one.', 'orderguard-for-woocommerce'),
            $status >= 500 => __('Orderguard has a fault of its own at the moment.', 'orderguard-for-woocommerce'),
            $status >= 400 => $said,
            default => __('The answer is not one of Orderguard. Another program answers at this address.', 'orderguard-for-woocommerce'),
        };
    }
}
