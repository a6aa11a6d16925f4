<?php

declare(strict_types=1);

namespace Orderguard\WooCommerce;

defined('ABSPATH') || exit;

/** Which hook leads where. No other file adds one. */
final class Plugin
{
    public const SLUG = 'orderguard-for-woocommerce';
    public const WOOCOMMERCE_AT_LEAST = '8.3';

    public static function start(): void
    {
        register_activation_hook(ORDERGUARD_FILE, [Lifecycle::class, 'activated']);
        register_deactivation_hook(ORDERGUARD_FILE, [Lifecycle::class, 'deactivated']);
        add_action('before_woocommerce_init', [Lifecycle::class, 'declareCompatibility']);
        add_action('init', [Lifecycle::class, 'loadTranslations'], 1);
        add_action('woocommerce_loaded', [self::class, 'begin']);
        add_action('admin_notices', [Notices::class, 'show']);
        add_filter('plugin_action_links_' . plugin_basename(ORDERGUARD_FILE), [Notices::class, 'linkToSettings']);
    }

    /** WooCommerce is there. Without settings a shop gets its settings page, and nothing else. */
    public static function begin(): void
    {
        if (!Lifecycle::isWooCommerceNewEnough()) {
            return;
        }
        $settings = Settings::load();
        $health = new Health();
        $server = new Server($settings, $health);
        add_action('http_api_curl', [$server, 'shorten'], 10, 3);
        self::administer($settings, $health);
        if ($settings->isComplete()) {
            self::sell($settings, $server);
            self::report($settings, $server, $health);
        }
    }

    private static function administer(Settings $settings, Health $health): void
    {
        add_filter('woocommerce_integrations', [SettingsPage::class, 'register']);
        add_action('woocommerce_update_options_integration_orderguard', [SettingsPage::class, 'save']);
        add_action('admin_enqueue_scripts', [SettingsPage::class, 'enqueue']);
        add_action('wp_ajax_orderguard_test', [TestConnection::class, 'answer']);
        $report = new StatusReport($settings, $health);
        add_action('woocommerce_system_status_report', [$report, 'print']);
    }

    /** The offer in both checkouts. */
    private static function sell(Settings $settings, Server $server): void
    {
        $memory = new Memory();
        $place = new Place();
        $offers = new Offers($settings, $server, $memory, $place);
        $choice = new Choice($memory);

        add_filter('rest_request_before_callbacks', [$place, 'noteRequest'], 10, 3);
        add_action('woocommerce_checkout_process', [$place, 'notePlacing'], 1);
        add_action('woocommerce_cart_emptied', [$choice, 'forget']);
        add_action('woocommerce_cart_item_removed', [$choice, 'forgetWhenEmpty'], 10, 2);

        add_action('woocommerce_checkout_order_processed', [$offers, 'notePlaced']);
        add_action('woocommerce_store_api_checkout_order_processed', [$offers, 'notePlaced']);

        $fee = new Fee($settings, $offers, $choice, $memory, $place);
        add_action('woocommerce_cart_calculate_fees', [$fee, 'add']);
        add_action('woocommerce_checkout_create_order_fee_item', [$fee, 'keepOnFee'], 10, 3);
        add_action('woocommerce_checkout_create_order', [$fee, 'keepOnOrder']);
        add_action('woocommerce_store_api_checkout_update_order_meta', [$fee, 'keepOnSavedOrder']);
        add_action('woocommerce_after_checkout_validation', [$fee, 'askAgainInClassic'], 10, 2);
        add_action('woocommerce_store_api_checkout_update_order_from_request', [$fee, 'askAgainInBlock'], 10, 2);

        $box = new ClassicBox($settings, $offers, $choice);
        add_action('wp_enqueue_scripts', [$box, 'enqueueStyle']);
        add_action('woocommerce_checkout_update_order_review', [$box, 'noteForm']);
        add_action('woocommerce_checkout_process', [$box, 'notePost']);
        add_action('woocommerce_review_order_before_order_total', [$box, 'printRow']);
        add_action('woocommerce_review_order_before_payment', [$box, 'printElement']);
        add_filter('woocommerce_update_order_review_fragments', [$box, 'addFragment']);

        $block = new BlockBox($settings, $offers, $choice, $place);
        add_action('woocommerce_blocks_loaded', [$block, 'extendStoreApi']);
        add_action('woocommerce_blocks_checkout_block_registration', [$block, 'register']);
        add_action('init', [$block, 'registerType']);
    }

    /** Orders to Orderguard. */
    private static function report(Settings $settings, Server $server, Health $health): void
    {
        $states = new States($settings);
        $queue = new Queue();
        $orders = new Orders($states, $queue, $server, $health);
        add_action('woocommerce_order_status_changed', [$orders, 'noteChange'], 20);
        add_action('woocommerce_update_order', [$orders, 'noteChange'], 20);
        add_action('woocommerce_order_refunded', [$orders, 'noteChange'], 20);
        add_action('woocommerce_refund_deleted', [$orders, 'noteRefundDeleted'], 20, 2);
        add_action('woocommerce_trash_order', [$orders, 'noteChange'], 20);
        add_action('woocommerce_untrash_order', [$orders, 'noteChange'], 20);
        add_action('trashed_post', [$orders, 'noteChange'], 20);
        add_action('untrashed_post', [$orders, 'noteChange'], 20);
        add_action('woocommerce_before_delete_order', [$orders, 'noteDeletion']);
        add_action('before_delete_post', [$orders, 'noteDeletion']);
        add_action(Queue::PUSH, [$orders, 'push']);
        add_action(Queue::DELETE, [$orders, 'delete']);
        add_filter('woocommerce_order_actions', [$orders, 'nameAction']);
        add_action('woocommerce_order_action_orderguard_push', [$orders, 'pushAgain']);

        $sweep = new Sweep($states, $queue, $orders);
        add_action(Queue::SWEEP, [$sweep, 'run']);
        add_action('action_scheduler_init', [$sweep, 'schedule']);
        add_filter('woocommerce_order_data_store_cpt_get_orders_query', [Sweep::class, 'extendPostsQuery'], 10, 2);

        // Renewals of subscriptions are not covered: they get neither our fee nor our marks.
        add_filter('wc_subscriptions_renewal_order_data', [Renewals::class, 'dropMeta']);
        add_filter('wc_subscriptions_resubscribe_order_data', [Renewals::class, 'dropMeta']);
        add_filter('wc_subscriptions_subscription_data', [Renewals::class, 'dropMeta']);
        add_filter('wcs_renewal_order_meta', [Renewals::class, 'dropMeta']);
        add_filter('wcs_renewal_order_items', [Renewals::class, 'dropFee']);
    }
}
