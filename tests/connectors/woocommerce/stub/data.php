<?php

defined('ABSPATH') || exit;

/** Something with an id and meta. */
abstract class WC_Data
{
    protected array $meta = [];
    public int $id = 0;

    public function get_id(): int
    {
        return $this->id;
    }

    public function get_meta(string $name)
    {
        return $this->meta[$name] ?? '';
    }

    public function update_meta_data(string $name, $value): void
    {
        $this->meta[$name] = $value;
    }

    public function add_meta_data(string $name, $value): void
    {
        $this->meta[$name] = $value;
    }

    public function delete_meta_data(string $name): void
    {
        unset($this->meta[$name]);
    }

    public function get_meta_data(): array
    {
        return array_map(static fn ($key) => (object) ['key' => $key], array_keys($this->meta));
    }
}

class WC_DateTime extends DateTime
{
}

/** A line or a fee of an order. */
class WC_Order_Item extends WC_Data
{
    public function __construct(public array $values = [])
    {
        $this->id = $values['id'] ?? 0;
        $this->meta = $values['meta'] ?? [];
    }

    public function to_array(): array
    {
        return ['id' => $this->id, 'meta' => $this->meta, 'class' => static::class] + $this->values;
    }

    public function get_name(): string
    {
        return $this->values['name'];
    }

    public function get_quantity()
    {
        return $this->values['quantity'] ?? 1;
    }

    public function set_quantity($quantity): void
    {
        $this->values['quantity'] = $quantity;
    }

    public function get_total(): string
    {
        return (string) $this->values['total'];
    }

    public function set_total($total): void
    {
        $this->values['total'] = $total;
    }

    public function set_subtotal($total): void
    {
    }

    public function get_total_tax(): string
    {
        return (string) ($this->values['tax'] ?? 0);
    }

    public function get_taxes(): array
    {
        return ['total' => [1 => $this->values['tax'] ?? 0]];
    }

    public function save(): void
    {
        $order = Stub_Orders::get($this->values['order']);
        $order->replace_item($this);
        Stub_Orders::write($order);
    }
}

final class WC_Order_Item_Product extends WC_Order_Item
{
    public function get_product(): WC_Product
    {
        return new WC_Product($this->values['product']);
    }

    public function get_product_id(): int
    {
        return $this->values['product'];
    }

    public function get_variation_id(): int
    {
        return 0;
    }
}

final class WC_Order_Item_Fee extends WC_Order_Item
{
}
