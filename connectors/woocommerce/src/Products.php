<?php

declare(strict_types=1);

namespace Orderguard\WooCommerce;

defined('ABSPATH') || exit;

/** What exclusion rules may look at: tags, categories, brand, type and SKU of a product. */
final class Products
{
    /**
     * @param array{0: string, 1: string, 2: string} $names what id, type and SKU are called in this request
     *
     * @return array<string, mixed>
     */
    public static function facts(\WC_Product $product, int $parentId, array $names): array
    {
        return [
            $names[0] => (string) $parentId,
            $names[1] => $product->get_type(),
            $names[2] => $product->get_sku() ?: null,
            'vendor' => taxonomy_exists('product_brand') ? self::terms($parentId, 'product_brand')[0] ?? null : null,
            'tags' => self::terms($parentId, 'product_tag'),
            'collections' => self::terms($parentId, 'product_cat'),
        ];
    }

    /** A title as text: HTML of a product's name is not sent, nor more than Orderguard reads. */
    public static function title(string $name): string
    {
        $text = trim(html_entity_decode(wp_strip_all_tags($name), ENT_QUOTES | ENT_HTML5, 'UTF-8'));

        return mb_substr('' === $text ? '-' : $text, 0, 255);
    }

    /** @return list<string> slugs */
    private static function terms(int $productId, string $taxonomy): array
    {
        $terms = get_the_terms($productId, $taxonomy);

        return is_array($terms) ? array_values(array_map(static fn ($term) => (string) $term->slug, $terms)) : [];
    }
}
