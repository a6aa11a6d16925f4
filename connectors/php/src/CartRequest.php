<?php

declare(strict_types=1);

namespace Orderguard\Core;

/** The body of `POST /v1/analyze`, put together from what every platform knows of a cart. */
final class CartRequest
{
    /**
     * The body for a cart without fees: Orderguard's own fee must not be part of the priced cart.
     *
     * @param list<array<string, mixed>> $lines          with `quantity`, `totalPrice` and `originalTotalPrice` in minor units
     * @param list<string>               $deliveryMethods one per package
     * @param array<string, mixed>       $more            further members: region, cartId, locale, customer
     *
     * @return array<string, mixed>
     */
    public static function body(
        string $platform,
        string $currency,
        array $lines,
        int $taxes,
        array $deliveryMethods,
        array $more,
    ): array {
        $subtotal = array_sum(array_column($lines, 'originalTotalPrice'));
        $discounted = array_sum(array_column($lines, 'totalPrice'));

        return ['platform' => $platform] + $more + [
            'deliveryGroups' => array_map(
                static fn (string $method) => ['deliveryMethod' => $method],
                $deliveryMethods,
            ),
            'cart' => [
                'currencyCode' => $currency,
                'lines' => $lines,
                'subtotalAmount' => $subtotal,
                'totalDiscountAmount' => max(0, $subtotal - $discounted),
                'discountedSubtotalAmount' => $discounted,
                'totalTaxAmount' => $taxes,
                'totalAmount' => $discounted,
                'itemCount' => array_sum(array_column($lines, 'quantity')),
            ],
        ];
    }

    /** Orderguard's form of a region; a subdivision that is no ISO 3166-2 code is left out. */
    public static function region(string $country, string $subdivision): array
    {
        $prefix = preg_quote($country, '/');
        $pattern = "/^(?:{$prefix}-|{$prefix}(?=.{2}))?([A-Za-z0-9]{1,3})$/D";

        return ['country' => $country]
            + (preg_match($pattern, $subdivision, $found) ? ['subdivision' => $found[1]] : []);
    }
}
