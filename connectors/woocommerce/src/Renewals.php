<?php

declare(strict_types=1);

namespace Orderguard\WooCommerce;

defined('ABSPATH') || exit;

/** Keeps our fee and our marks out of what WooCommerce Subscriptions copies to renewals. */
final class Renewals
{
    /** Both shapes that its versions pass: name to value, and rows with `meta_key`. */
    public static function dropMeta(mixed $meta): mixed
    {
        if (!is_array($meta)) {
            return $meta;
        }

        return array_filter($meta, static function (mixed $value, string|int $name): bool {
            $key = is_array($value) && isset($value['meta_key']) ? $value['meta_key'] : $name;

            return !str_starts_with((string) $key, '_orderguard_');
        }, ARRAY_FILTER_USE_BOTH);
    }

    public static function dropFee(mixed $items): mixed
    {
        if (!is_array($items)) {
            return $items;
        }

        return array_filter($items, static fn ($item) => !($item instanceof \WC_Order_Item && $item->get_meta(Fee::MODES)));
    }
}
