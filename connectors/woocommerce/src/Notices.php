<?php

declare(strict_types=1);

namespace Orderguard\WooCommerce;

defined('ABSPATH') || exit;

/** What a merchant reads outside the settings page: one sentence on the plugins page, while something is missing. */
final class Notices
{
    public static function show(): void
    {
        $screen = function_exists('get_current_screen') ? get_current_screen() : null;
        if (!$screen || 'plugins' !== $screen->id || !current_user_can('activate_plugins')) {
            return;
        }
        $sentence = self::sentence();
        if ('' !== $sentence) {
            echo '<div class="notice notice-warning is-dismissible"><p>' . wp_kses($sentence, ['a' => ['href' => []]]) . '</p></div>';
        }
    }

    /** @param mixed $links */
    public static function linkToSettings(mixed $links): mixed
    {
        if (is_array($links)) {
            array_unshift($links, '<a href="' . esc_url(self::settingsAddress()) . '">' . esc_html__('Settings', 'orderguard-for-woocommerce') . '</a>');
        }

        return $links;
    }

    public static function settingsAddress(): string
    {
        return admin_url('admin.php?page=wc-settings&tab=integration&section=orderguard');
    }

    private static function sentence(): string
    {
        if (!defined('WC_VERSION')) {
            return esc_html__('Orderguard for WooCommerce is silent: WooCommerce is not active.', 'orderguard-for-woocommerce');
        }
        if (!Lifecycle::isWooCommerceNewEnough()) {
            return esc_html(sprintf(
                /* translators: 1: the version needed, 2: the version found. */
                __('Orderguard for WooCommerce is silent: it needs WooCommerce %1$s or newer, and this is %2$s.', 'orderguard-for-woocommerce'),
                Plugin::WOOCOMMERCE_AT_LEAST,
                WC_VERSION,
            ));
        }
        $missing = Settings::load()->missing();

        return $missing ? sprintf(
            /* translators: 1: a list such as "the cart key, the orders key", 2: and 3: a link around "settings". */
            esc_html__('Orderguard for WooCommerce offers nothing yet: %1$s is missing in its %2$ssettings%3$s.', 'orderguard-for-woocommerce'),
            esc_html(implode(', ', $missing)),
            '<a href="' . esc_url(self::settingsAddress()) . '">',
            '</a>',
        ) : '';
    }
}
