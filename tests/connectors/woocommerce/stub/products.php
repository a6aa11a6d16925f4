<?php

defined('ABSPATH') || exit;

/** The goods of the test shop; prices are those of the real one's seed. */
final class WC_Product
{
    private const GOODS = [
        1001 => ['lamp', 'Lamp', 50, false],
        1002 => ['coat', 'Coat', 200, false],
        1003 => ['ebook', 'Ebook', 20, true],
        1004 => ['throw', 'Throw', 15, false],
        1005 => ['vase', 'Vase', 133, false],
    ];

    public function __construct(private int $id)
    {
    }

    public static function ids(): array
    {
        return array_combine(array_column(self::GOODS, 0), array_keys(self::GOODS));
    }

    public function get_id(): int
    {
        return $this->id;
    }

    public function get_name(): string
    {
        return (string) (get_option('test_titles')[self::GOODS[$this->id][0]] ?? self::GOODS[$this->id][1]);
    }

    public function get_sku(): string
    {
        return strtoupper(self::GOODS[$this->id][0]);
    }

    public function get_type(): string
    {
        return 'simple';
    }

    public function get_price(): float
    {
        return self::GOODS[$this->id][2];
    }

    public function needs_shipping(): bool
    {
        return !self::GOODS[$this->id][3];
    }
}

function wc_get_product($id): WC_Product
{
    return new WC_Product((int) $id);
}

add_action('init', static function (): void {
    register_post_type('product', ['public' => true]);
    register_taxonomy('product_tag', 'product');
    register_taxonomy('product_cat', 'product');
}, 0);
