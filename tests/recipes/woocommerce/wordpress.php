<?php
// As much of WordPress and WooCommerce as the recipe touches, with their names, signatures and types.

const DAY_IN_SECONDS = 86400;
$actions = $queue = $later = $orders = $transients = [];
$currency = 'USD';
$decimals = 2; // an option of the shop, whatever the currency is

function add_action(string $hook, callable $callback, int $priority = 10, int $accepted_args = 1): void
{
    $GLOBALS['actions'][$hook][] = fn (...$arguments) => $callback(...array_slice($arguments, 0, $accepted_args));
}
function add_filter(string $hook, callable $callback): void { add_action($hook, $callback); }
function do_action(string $hook, mixed ...$arguments): void
{
    foreach ($GLOBALS['actions'][$hook] ?? [] as $callback) $callback(...$arguments);
}
function apply_filters(string $hook, mixed $value): mixed
{
    foreach ($GLOBALS['actions'][$hook] ?? [] as $callback) $value = $callback($value);
    return $value;
}
function get_transient(string $name): mixed { return $GLOBALS['transients'][$name] ?? false; }
function set_transient(string $name, mixed $value, int $seconds): void { $GLOBALS['transients'][$name] = $value; }
function delete_transient(string $name): void { unset($GLOBALS['transients'][$name]); }
function wp_json_encode(mixed $value): string { return json_encode($value, JSON_THROW_ON_ERROR); }
function wp_unslash(mixed $value): mixed { return $value; }
function wp_kses_post(string $html): string { return $html; }
function __(string $text, string $domain): string { return $text; }
function esc_html__(string $text, string $domain): string { return esc_html($text); }
function esc_html(string $text): string { return htmlspecialchars($text, ENT_QUOTES); }
function esc_attr(string $text): string { return htmlspecialchars($text, ENT_QUOTES); }
function determine_locale(): string { return 'en_US'; }
function get_woocommerce_currency(): string { return $GLOBALS['currency']; }
function wc_get_price_decimals(): int { return $GLOBALS['decimals']; }
function wc_price(string $amount, array $arguments): string
{
    return '<bdi>' . number_format((float) $amount, $arguments['decimals'], '.', '') . "&nbsp;{$GLOBALS['currency']}</bdi>";
}
function wc_get_order(int $id): WC_Order { return $GLOBALS['orders'][$id]; }
function as_enqueue_async_action(string $hook, array $arguments): void { $GLOBALS['queue'][] = [$hook, $arguments]; }
function as_schedule_single_action(int $at, string $hook, array $arguments): void { $GLOBALS['later'][] = [$hook, $arguments]; }

class WP_Error {}
function is_wp_error(mixed $value): bool { return $value instanceof WP_Error; }
function wp_remote_retrieve_response_code(array $response): int { return $response['code']; }
function wp_remote_retrieve_body(array $response): string { return $response['body']; }
function wp_remote_request(string $url, array $options): array|WP_Error
{
    $headers = array_map(fn ($name, $value) => "$name: $value", array_keys($options['headers']), $options['headers']);
    $context = stream_context_create(['http' => ['method' => $options['method'], 'header' => $headers,
        'content' => $options['body'], 'timeout' => max(1, $options['timeout']), 'ignore_errors' => true]]);
    $body = @file_get_contents($url, false, $context);
    if ($body === false) return new WP_Error();
    preg_match('/ (\d{3})/', $http_response_header[0], $code);
    return ['code' => (int) $code[1], 'body' => $body];
}

class Session
{
    private array $values = [];
    public function get(string $name): mixed { return $this->values[$name] ?? null; }
    public function set(string $name, mixed $value): void { $this->values[$name] = $value; }
    public function get_customer_id(): string { return getenv('CUSTOMER'); }
}

class WC_Customer
{
    public string $country = 'US';
    public string $state = 'OH';
    public function get_shipping_country(): string { return $this->country; }
    public function get_shipping_state(): string { return $this->state; }
}

class Countries
{
    public function get_base_country(): string { return 'US'; }
}

class Product
{
    public function __construct(private string $name, public float $price) {}
    public function get_sku(): string { return ''; }
    public function get_name(): string { return $this->name; }
    public function needs_shipping(): bool { return true; }
}

class WC_Cart_Fees
{
    public array $fees = [];
    public function add_fee(array $fee): void { $this->fees[$fee['id']] = (object) $fee; }
}

class WC_Cart
{
    public array $items = [];
    public bool $loses_fees = false; // to another plugin
    public function __construct(private WC_Cart_Fees $fees = new WC_Cart_Fees()) {}
    public function fees_api(): WC_Cart_Fees { return $this->fees; }
    public function get_fees(): array { return $this->fees->fees; }
    public function get_cart(): array { return $this->items; }
    public function is_empty(): bool { return !$this->items; }
    public function get_cart_contents_tax(): float { return 0.0; }

    public function put(Product $product, int $quantity): void
    {
        $total = $product->price * $quantity;
        $this->items['line-1'] = ['data' => $product, 'product_id' => 7, 'variation_id' => 0,
            'quantity' => $quantity, 'line_total' => $total, 'line_subtotal' => $total];
    }

    public function calculate_totals(): float
    {
        $this->fees->fees = [];
        do_action('woocommerce_cart_calculate_fees', $this);
        if ($this->loses_fees) $this->fees->fees = [];
        // As in WooCommerce: a total is rounded to the decimals of the shop, its parts are not.
        $total = array_sum(array_column($this->items, 'line_total')) + array_sum(array_column($this->get_fees(), 'amount'));
        return round($total, wc_get_price_decimals());
    }
}

class OrderItem
{
    public function __construct(private array $item) {}
    public function get_id(): int { return 1; }
    public function get_name(): string { return $this->item['data']->get_name(); }
    public function get_quantity(): int { return $this->item['quantity']; }
    public function total(): float { return $this->item['data']->price; }
}

class WC_Order_Item_Fee
{
    private array $meta = [];
    public function __construct(private string $amount) {}
    public function get_total(): string { return $this->amount; }
    public function get_meta(string $name): string { return $this->meta[$name] ?? ''; }
    public function add_meta_data(string $name, string $value, bool $unique): void { $this->meta[$name] = $value; }
}

class WC_Order
{
    private array $meta = [];
    private array $fees = [];
    public array $notes = [];
    public function __construct(private int $id, private float $total, private array $items) {}
    public function get_id(): int { return $this->id; }
    public function get_order_number(): string { return (string) $this->id; }
    public function get_currency(): string { return get_woocommerce_currency(); }
    public function get_total(): string { return (string) $this->total; }
    public function get_items(): array { return array_map(fn ($item) => new OrderItem($item), $this->items); }
    public function get_item_total(OrderItem $item, bool $inc_tax): float { return $item->total(); }
    public function get_meta(string $name): string { return $this->meta[$name] ?? ''; }
    public function update_meta_data(string $name, string $value): void { $this->meta[$name] = $value; }
    public function get_fees(): array { return $this->fees; }
    public function add_order_note(string $note): void { $this->notes[] = $note; }

    public function take_fees(WC_Cart $cart): void
    {
        foreach ($cart->get_fees() as $key => $fee) {
            $item = new WC_Order_Item_Fee($fee->amount);
            do_action('woocommerce_checkout_create_order_fee_item', $item, $key, $fee, $this);
            $this->fees[] = $item;
        }
    }
}

class Shop
{
    public function __construct(
        public WC_Cart $cart = new WC_Cart(),
        public Session $session = new Session(),
        public WC_Customer $customer = new WC_Customer(),
        public Countries $countries = new Countries(),
    ) {}
}

function WC(): Shop
{
    static $shop = null;
    return $shop ??= new Shop();
}
