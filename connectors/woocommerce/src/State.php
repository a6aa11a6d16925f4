<?php

declare(strict_types=1);

namespace Orderguard\WooCommerce;

defined('ABSPATH') || exit;

/**
 * The plugin's own facts, in one option: since when orders are reported, which deleted ones are not, when it was off, and its
 * health.
 *
 * @phpstan-type Failure array{at: int, where: string, why: string}
 */
final class State
{
    public const OPTION = 'orderguard_state';

    /** @return array<string, mixed> */
    public static function all(): array
    {
        $kept = get_option(self::OPTION);

        return is_array($kept) ? $kept : [];
    }

    public static function get(string $name): mixed
    {
        return self::all()[$name] ?? null;
    }

    /** @param array<string, mixed> $facts null removes a fact */
    public static function change(array $facts): void
    {
        $all = self::all();
        $changed = array_filter(array_merge($all, $facts), static fn ($fact) => null !== $fact);
        if ($changed !== $all) {
            update_option(self::OPTION, $changed, true);
        }
    }
}
