<?php

declare(strict_types=1);

namespace Orderguard\WooCommerce;

use Automattic\WooCommerce\Utilities\FeaturesUtil;

defined('ABSPATH') || exit;

/** Activation, deactivation, and what WooCommerce wants to know of a plugin. */
final class Lifecycle
{
    /** Settings and orders stay from an earlier activation; the first sweep reports what happened meanwhile. */
    public static function activated(): void
    {
        State::change(['sweep_due' => true]);
    }

    /** Waiting pushes stay marked on their orders, so nothing is lost with the queue. */
    public static function deactivated(): void
    {
        State::change(['off_since' => time()]);
        if (function_exists('as_unschedule_all_actions')) {
            as_unschedule_all_actions('', [], Queue::GROUP);
        }
    }

    public static function declareCompatibility(): void
    {
        if (class_exists(FeaturesUtil::class)) {
            FeaturesUtil::declare_compatibility('custom_order_tables', ORDERGUARD_FILE, true);
            FeaturesUtil::declare_compatibility('cart_checkout_blocks', ORDERGUARD_FILE, true);
        }
    }

    public static function loadTranslations(): void
    {
        load_plugin_textdomain('orderguard-for-woocommerce', false, dirname(plugin_basename(ORDERGUARD_FILE)) . '/languages');
    }

    public static function isWooCommerceNewEnough(): bool
    {
        return defined('WC_VERSION') && version_compare(WC_VERSION, Plugin::WOOCOMMERCE_AT_LEAST, '>=');
    }
}
