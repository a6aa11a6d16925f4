<?php

declare(strict_types=1);

namespace Orderguard\WooCommerce;

use Automattic\WooCommerce\Blocks\Integrations\IntegrationInterface;

defined('ABSPATH') || exit;

/** Tells WooCommerce which script belongs to the Block checkout. */
final class BlockIntegration implements IntegrationInterface
{
    public const HANDLE = 'orderguard-checkout-block';

    public function __construct(private readonly Settings $settings)
    {
    }

    public static function registerScript(): void
    {
        wp_register_script(
            self::HANDLE,
            plugins_url('assets/checkout-block.js', ORDERGUARD_FILE),
            ['wc-blocks-checkout', 'wc-settings', 'wp-data', 'wp-element'],
            ORDERGUARD_VERSION,
            true,
        );
    }

    /** The area of the checkout that the box is part of; WooCommerce adds it to pages saved before, too. */
    public static function parentOf(Settings $settings): string
    {
        return Settings::ABOVE_PAYMENT === $settings->place
            ? 'woocommerce/checkout-payment-block'
            : 'woocommerce/checkout-totals-block';
    }

    public function get_name(): string
    {
        return BlockBox::NAMESPACE;
    }

    public function initialize(): void
    {
        self::registerScript();
        wp_enqueue_style('orderguard', plugins_url('assets/orderguard.css', ORDERGUARD_FILE), [], ORDERGUARD_VERSION);
    }

    /** @return list<string> */
    public function get_script_handles(): array
    {
        return [self::HANDLE];
    }

    /** @return list<string> */
    public function get_editor_script_handles(): array
    {
        return [self::HANDLE];
    }

    /** @return array<string, mixed> */
    public function get_script_data(): array
    {
        return ['parent' => self::parentOf($this->settings), 'title' => Words::title()];
    }
}
