<?php

declare(strict_types=1);

namespace Orderguard\Core;

/** Conversion between a platform's decimals and Orderguard's integers in minor units. */
final class Money
{
    /** `4.98` USD is 498, `500` JPY is 500. Rounds half up, once; nothing is multiplied in floating point. */
    public static function toMinor(string|float|int $amount, string $currency): int
    {
        return (int) str_replace('.', '', self::toDecimals($amount, $currency));
    }

    /** 498 USD is `4.98`, 500 JPY is `500`. */
    public static function toMajor(int $amount, string $currency): string
    {
        $exponent = self::exponent($currency);
        $sign = $amount < 0 ? '-' : '';
        $digits = str_pad((string) abs($amount), $exponent + 1, '0', STR_PAD_LEFT);

        return $sign . ($exponent ? substr($digits, 0, -$exponent) . '.' . substr($digits, -$exponent) : $digits);
    }

    /** A platform's amount as text with the decimals of the currency: `5` USD is `5.00`. */
    public static function toDecimals(string|float|int $amount, string $currency): string
    {
        return number_format((float) $amount, self::exponent($currency), '.', '');
    }

    /**
     * The price of one piece as a rate, with up to eight decimals and no needless zeros.
     *
     * The quantity times this rate, rounded once, is the total again: 10.00 for three is 3.33333333.
     */
    public static function rate(string|float|int $total, int $quantity, string $currency): string
    {
        $whole = self::toDecimals($total, $currency);
        if ($quantity <= 1) {
            return $whole;
        }
        $minor = self::toMinor($total, $currency);
        if (0 === $minor % $quantity) {
            return self::toMajor(intdiv($minor, $quantity), $currency);
        }

        return rtrim(rtrim(number_format((float) $whole / $quantity, 8, '.', ''), '0'), '.');
    }

    private static function exponent(string $currency): int
    {
        return Currencies::exponent($currency)
            // Never printed: connectors ask whether a currency is known before they count in it.
            ?? throw new \InvalidArgumentException("$currency is not a currency of ISO 4217."); // phpcs:ignore WordPress.Security.EscapeOutput
    }
}
