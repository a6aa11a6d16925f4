<?php

declare(strict_types=1);

namespace Orderguard\WooCommerce;

use Orderguard\Core\Currencies;

defined('ABSPATH') || exit;

/** The merchant's settings, read once per request. Constants in wp-config.php win over the settings page. */
final class Settings
{
    public const OPTION = 'woocommerce_orderguard_settings';
    public const NOT_TAXED = '';
    public const STANDARD_RATE = 'standard';
    public const IN_TOTALS = 'totals';
    public const ABOVE_PAYMENT = 'payment';

    private const CONSTANTS = ['url' => 'ORDERGUARD_URL', 'cart_key' => 'ORDERGUARD_KEY', 'orders_key' => 'ORDERGUARD_ORDERS_KEY'];

    public function __construct(
        public readonly string $url,
        public readonly string $cartKey,
        public readonly string $ordersKey,
        public readonly string $taxClass = self::NOT_TAXED,
        public readonly string $place = self::IN_TOTALS,
        public readonly bool $isOnHoldPaid = false,
    ) {
    }

    public static function load(): self
    {
        $kept = get_option(self::OPTION);
        $kept = is_array($kept) ? $kept : [];
        $text = static function (string $name) use ($kept): string {
            $constant = self::CONSTANTS[$name] ?? '';
            $value = $constant && defined($constant) ? constant($constant) : ($kept[$name] ?? '');

            return is_string($value) ? trim($value) : '';
        };

        return new self(
            self::readAddress($text('url'))[0],
            $text('cart_key'),
            $text('orders_key'),
            $text('tax_class'),
            self::ABOVE_PAYMENT === $text('place') ? self::ABOVE_PAYMENT : self::IN_TOTALS,
            'yes' === $text('on_hold'),
        );
    }

    public function isComplete(): bool
    {
        return '' !== $this->url && '' !== $this->cartKey && '' !== $this->ordersKey;
    }

    /** @return list<string> the names of the fields to fill in */
    public function missing(): array
    {
        $missing = [
            '' === $this->url ? __('the address of your Orderguard server', 'orderguard-for-woocommerce') : null,
            '' === $this->cartKey ? __('the cart key', 'orderguard-for-woocommerce') : null,
            '' === $this->ordersKey ? __('the orders key', 'orderguard-for-woocommerce') : null,
        ];

        return array_values(array_filter($missing));
    }

    /** Orderguard counts in the decimals of ISO 4217; a shop in any other currency makes no offers. */
    public static function isCurrencyKnown(string $currency): bool
    {
        return null !== Currencies::exponent($currency);
    }

    /**
     * A base address from a pasted text, and the fault of that text.
     *
     * @return array{0: string, 1: string} the address, empty if it is of no use; then `scheme`, `parts` or nothing
     */
    public static function readAddress(string $text): array
    {
        $address = rtrim(trim($text), '/');
        if ('' === $address) {
            return ['', ''];
        }
        $parts = wp_parse_url($address);
        if (!is_array($parts) || !in_array($parts['scheme'] ?? '', ['http', 'https'], true) || empty($parts['host'])) {
            return ['', 'scheme'];
        }
        if (isset($parts['query']) || isset($parts['fragment']) || isset($parts['user'])) {
            return ['', 'parts'];
        }

        // People paste the address of a route or of the console; the server's own is before it.
        return [(string) preg_replace('#/(storefront|v1|api|console|docs)(/.*)?$#', '', $address), ''];
    }
}
