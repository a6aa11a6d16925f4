<?php

defined('ABSPATH') || exit;

final class WC_Cart_Fees
{
    private array $fees = [];

    public function add_fee(array $fee): object
    {
        $fee = (object) ($fee + ['taxable' => false, 'tax_class' => '', 'tax' => 0]);
        $fee->amount = wc_format_decimal($fee->amount);
        $fee->total = round((float) $fee->amount, 6);
        $fee->tax = $fee->taxable && wc_tax_enabled() ? round($fee->total * 0.19, 6) : 0;
        return $this->fees[$fee->id] = $fee;
    }

    public function get_fees(): array
    {
        return $this->fees;
    }

    public function remove_all_fees(): void
    {
        $this->fees = [];
    }
}

/** Goods, coupon, rate and fees of one shopper; lines are kept in the session. */
final class WC_Cart
{
    public $recurring_cart_key = '';
    private array $lines = [];
    private WC_Cart_Fees $fees;
    public float $total = 0;

    public function __construct()
    {
        $this->fees = new WC_Cart_Fees();
    }

    public function __clone()
    {
        $this->fees = clone $this->fees;
    }

    public function load(): void
    {
        foreach ((array) WC()->session->get('cart', []) as $key => [$product, $quantity]) {
            $this->lines[$key] = ['key' => $key, 'data' => new WC_Product($product), 'product_id' => $product, 'variation_id' => 0, 'quantity' => $quantity];
        }
        do_action('woocommerce_load_cart_from_session');
    }

    public function add_to_cart(int $product, int $quantity): void
    {
        $key = md5((string) $product);
        $line = $this->lines[$key] ?? ['key' => $key, 'data' => new WC_Product($product), 'product_id' => $product, 'variation_id' => 0, 'quantity' => 0];
        $line['quantity'] += $quantity;
        $this->lines[$key] = $line;
        $this->keep();
        $this->calculate_totals();
    }

    public function set_quantity(string $key, int $quantity): void
    {
        $this->lines[$key]['quantity'] = $quantity;
        $this->keep();
        $this->calculate_totals();
    }

    public function remove_cart_item(string $key): void
    {
        unset($this->lines[$key]);
        $this->keep();
        do_action('woocommerce_cart_item_removed', $key, $this);
        $this->calculate_totals();
    }

    public function empty_cart(bool $clear_persistent_cart = true): void
    {
        $this->lines = [];
        $this->fees->remove_all_fees();
        foreach (['cart', 'coupon', 'chosen_shipping_methods', 'order_awaiting_payment'] as $name) WC()->session->set($name, null);
        do_action('woocommerce_cart_emptied', $clear_persistent_cart);
    }

    public function is_empty(): bool
    {
        return !$this->lines;
    }

    public function get_cart(): array
    {
        return $this->lines;
    }

    public function fees_api(): WC_Cart_Fees
    {
        return $this->fees;
    }

    public function get_fees(): array
    {
        return $this->fees->get_fees();
    }

    public function needs_shipping(): bool
    {
        return (bool) array_filter($this->lines, static fn ($line) => $line['data']->needs_shipping());
    }

    public function display_prices_including_tax(): bool
    {
        return 'incl' === get_option('woocommerce_tax_display_cart');
    }

    public function get_customer(): ?WC_Customer
    {
        return WC()->customer;
    }

    public function get_cart_contents_tax(): float
    {
        return array_sum(array_column($this->lines, 'line_tax'));
    }

    public function rates(): array
    {
        return ['flat_rate:1' => 5.0, 'local_pickup:2' => 0.0, 'pickup_location:0' => 0.0];
    }

    public function shipping_total(): float
    {
        $chosen = WC()->session->get('chosen_shipping_methods');
        $cost = fn ($index) => $this->rates()[$chosen[$index] ?? 'flat_rate:1'] ?? 5.0;
        return array_sum(array_map($cost, array_keys(WC()->shipping()->calculate_shipping($this->get_shipping_packages()))));
    }

    /** One package for what is shipped, unless a plugin splits it. */
    public function get_shipping_packages(): array
    {
        $lines = array_filter($this->lines, static fn ($line) => $line['data']->needs_shipping());
        return $lines ? apply_filters('woocommerce_cart_shipping_packages', [['contents' => $lines]]) : [];
    }

    public function discount(): float
    {
        return 'ten' === WC()->session->get('coupon') ? 0.1 : 0;
    }

    public function calculate_totals(): void
    {
        if ($this->is_empty()) return;
        do_action('woocommerce_before_calculate_totals', $this);
        $is_gross = 'yes' === get_option('woocommerce_prices_include_tax');
        foreach ($this->lines as $key => $line) {
            $original = $line['data']->get_price() * $line['quantity'];
            $net = static fn (float $amount) => wc_tax_enabled() && $is_gross ? round($amount / 1.19, 6) : $amount;
            $tax = static fn (float $amount) => wc_tax_enabled() ? ($is_gross ? round($amount - $amount / 1.19, 6) : round($amount * 0.19, 6)) : 0;
            $price = $original * (1 - $this->discount());
            $this->lines[$key] = ['line_subtotal' => $net($original), 'line_subtotal_tax' => $tax($original), 'line_total' => $net($price), 'line_tax' => $tax($price)] + $line;
        }
        $this->fees->remove_all_fees();
        do_action('woocommerce_cart_calculate_fees', $this);
        $sum = $this->shipping_total();
        foreach ($this->lines as $line) $sum += $line['line_total'] + $line['line_tax'];
        foreach ($this->get_fees() as $fee) $sum += $fee->total + $fee->tax;
        $this->total = round($sum, wc_get_price_decimals());
        do_action('woocommerce_after_calculate_totals', $this);
    }

    private function keep(): void
    {
        WC()->session->set('cart', array_map(static fn ($line) => [$line['product_id'], $line['quantity']], $this->lines));
    }
}
