<?php

declare(strict_types=1);

namespace Orderguard\WooCommerce;

use Orderguard\Core\Money;

defined('ABSPATH') || exit;

/** A WooCommerce order as Orderguard reads it: as it was charged. The only file that knows how orders hold tax. */
final class OrderReader
{
    private readonly string $currency;
    private readonly bool $isTaxIncluded;

    public function __construct(private readonly \WC_Order $order)
    {
        $this->currency = $order->get_currency();
        $kept = $order->get_meta(Fee::TAX);
        // An order from the admin or an import does not say what the shopper was shown; the shop's setting does.
        $this->isTaxIncluded = 'incl' === ($kept ?: get_option('woocommerce_tax_display_cart'));
    }

    /** Whether the shopper paid for protection. */
    public static function bearsFee(\WC_Order $order): bool
    {
        return [] !== self::fees($order);
    }

    /** @return array<string, mixed> the body of `PUT /api/v1/orders` */
    public function body(string $status): array
    {
        $order = $this->order;
        $session = $order->get_meta(Fee::SESSION);
        $body = [
            'external_id' => self::externalId($order),
            'name' => mb_substr('#' . $order->get_order_number(), 0, 100),
            'status' => $status,
            'source' => 'woocommerce',
            'taxes_included' => $this->isTaxIncluded,
            'total_price' => $this->money($order->get_total()),
            'total_taxes' => $this->money($order->get_total_tax()),
            'total_shipping' => $this->money((float) $order->get_shipping_total() + ($this->isTaxIncluded ? (float) $order->get_shipping_tax() : 0)),
            'line_items' => array_values(array_map([$this, 'line'], $order->get_items())),
            'fees' => array_values(array_map([$this, 'fee'], self::fees($order))),
            'refunds' => array_merge([], ...array_map([$this, 'refund'], $order->get_refunds())),
            'metadata' => is_string($session) && '' !== $session ? [['key' => 'session_id', 'value' => $session]] : [],
            'created_at' => self::time($order->get_date_created()),
            'updated_at' => self::time($order->get_date_modified()),
        ];

        /**
         * Filters the request to Orderguard for an order.
         *
         * @param array     $body  The body of PUT /api/v1/orders.
         * @param \WC_Order $order The order.
         */
        return (array) apply_filters('orderguard_order_request', array_filter($body, static fn ($value) => null !== $value), $order);
    }

    public static function externalId(\WC_Order $order): string
    {
        return (string) $order->get_id();
    }

    /** What of a body says that the order itself changed: everything but the time. */
    public static function fingerprint(array $body): string
    {
        unset($body['updated_at']);

        return md5((string) wp_json_encode($body));
    }

    /** @return array<string, mixed> */
    private function line(\WC_Order_Item $item): array
    {
        $total = (float) $item->get_total() + ($this->isTaxIncluded ? (float) $item->get_total_tax() : 0);
        $quantity = (float) $item->get_quantity();
        $isWhole = floor($quantity) === $quantity && $quantity >= 1;
        $pieces = $isWhole ? (int) $quantity : 1;
        $product = $item instanceof \WC_Order_Item_Product ? $item->get_product() : null;
        $line = [
            'external_id' => (string) $item->get_id(),
            'title' => Products::title($item->get_name()),
            'quantity' => $pieces,
            'unit_price' => [
                'amount' => Money::rate(max(0, $total), $pieces, $this->currency),
                'currency_code' => $this->currency,
            ],
        ];
        if (!$product instanceof \WC_Product) {
            return $line;
        }
        $facts = Products::facts($product, $item->get_product_id(), ['product', 'product_type', 'sku']);
        $variation = $item->get_variation_id();

        return $line + ['requires_shipping' => $product->needs_shipping()]
            + ($variation ? ['variant' => ['external_id' => (string) $variation]] : [])
            + ['product' => ['external_id' => $facts['product']]] + array_filter($facts);
    }

    /** @return array<string, mixed> */
    private function fee(\WC_Order_Item_Fee $fee): array
    {
        return [
            'name' => mb_substr($fee->get_name(), 0, 100),
            'accepted_offer_mode' => self::modes($fee),
            'amount' => $this->money($this->gross($fee)),
        ];
    }

    /**
     * One refund of WooCommerce is up to three of Orderguard: our fee, the goods, and money that names neither.
     *
     * @return list<array<string, mixed>>
     */
    private function refund(\WC_Order_Refund $refund): array
    {
        $ours = array_map(static fn ($fee) => $fee->get_id(), self::fees($this->order));
        $feeBack = 0.0;
        foreach ($refund->get_fees() as $fee) {
            if (in_array((int) $fee->get_meta('_refunded_item_id'), $ours, true)) {
                $feeBack += abs($this->gross($fee));
            }
        }
        [$lines, $goodsBack] = $this->refundedLines($refund);
        $rest = abs((float) $refund->get_amount()) - $feeBack - $goodsBack - $this->taxBesides($refund);
        $id = (string) $refund->get_id();
        $created = self::time($refund->get_date_created());

        return array_values(array_filter([
            $feeBack > 0 ? ['external_id' => "$id-fee", 'type' => 'fee', 'amount' => $this->money($feeBack), 'created_at' => $created] : null,
            $lines ? ['external_id' => $id, 'type' => 'line_item', 'amount' => $this->money($goodsBack), 'line_items' => $lines, 'created_at' => $created] : null,
            Money::toMinor(max(0, $rest), $this->currency) > 0
                ? ['external_id' => "$id-other", 'type' => 'other', 'amount' => $this->money($rest), 'created_at' => $created] : null,
        ]));
    }

    /** @return array{0: list<array<string, mixed>>, 1: float} pieces that came back, and their money */
    private function refundedLines(\WC_Order_Refund $refund): array
    {
        $lines = [];
        $sum = 0.0;
        foreach ($refund->get_items() as $item) {
            $pieces = abs((int) $item->get_quantity());
            $back = abs($this->gross($item));
            if ($pieces < 1) {
                continue;
            }
            $sum += $back;
            $lines[] = ['external_id' => (string) $item->get_meta('_refunded_item_id'), 'quantity' => $pieces];
        }

        return [$lines, $sum];
    }

    /** In a shop that shows prices without tax, a refund's sum contains tax that no line of ours has. */
    private function taxBesides(\WC_Order_Refund $refund): float
    {
        return $this->isTaxIncluded ? 0.0 : abs((float) $refund->get_total_tax());
    }

    private function gross(\WC_Order_Item $item): float
    {
        return (float) $item->get_total() + ($this->isTaxIncluded ? (float) $item->get_total_tax() : 0);
    }

    /**
     * Our fees: each names its modes. A refund's fee copies them and is no acceptance.
     *
     * @return array<int, \WC_Order_Item_Fee>
     */
    private static function fees(\WC_Order $order): array
    {
        return array_filter(
            $order->get_fees(),
            static fn ($fee) => $fee instanceof \WC_Order_Item_Fee && self::modes($fee) && !$fee->get_meta('_refunded_item_id'),
        );
    }

    /** @return list<string> */
    private static function modes(\WC_Order_Item_Fee $fee): array
    {
        $modes = json_decode((string) $fee->get_meta(Fee::MODES), true);

        return is_array($modes) ? array_values(array_filter($modes, 'is_string')) : [];
    }

    /** @return array{amount: string, currency_code: string} */
    private function money(string|float|int $amount): array
    {
        return ['amount' => Money::toDecimals($amount, $this->currency), 'currency_code' => $this->currency];
    }

    private static function time(?\WC_DateTime $time): ?string
    {
        return $time ? gmdate('Y-m-d\TH:i:s+00:00', $time->getTimestamp()) : null;
    }
}
