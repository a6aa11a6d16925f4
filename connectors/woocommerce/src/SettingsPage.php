<?php

declare(strict_types=1);

namespace Orderguard\WooCommerce;

defined('ABSPATH') || exit;

/** WooCommerce > Settings > Integration > Orderguard. Keys are never shown again after saving. */
final class SettingsPage extends \WC_Integration
{
    private const KEEP = '••••••••';

    public function __construct()
    {
        $this->id = 'orderguard';
        $this->method_title = __('Orderguard', 'orderguard-for-woocommerce');
        $this->method_description = __('Order protection from your own Orderguard server. Nothing is sent before address and keys are saved.', 'orderguard-for-woocommerce');
        $this->init_form_fields();
        $this->init_settings();
    }

    /** @param mixed $integrations */
    public static function register(mixed $integrations): mixed
    {
        return is_array($integrations) ? [...$integrations, self::class] : $integrations;
    }

    /** WooCommerce has checked nonce and capability before it runs this. */
    public static function save(): void
    {
        $page = WC()->integrations->get_integration('orderguard');
        if ($page instanceof self) {
            $page->process_admin_options();
        }
    }

    public static function enqueue(): void
    {
        // phpcs:ignore WordPress.Security.NonceVerification
        $tab = isset($_GET['tab']) ? sanitize_key(wp_unslash($_GET['tab'])) : '';
        if ('integration' === $tab && current_user_can('manage_woocommerce')) {
            wp_enqueue_script('orderguard-settings', plugins_url('assets/settings.js', ORDERGUARD_FILE), [], ORDERGUARD_VERSION, true);
            wp_localize_script('orderguard-settings', 'orderguardSettings', [
                'address' => admin_url('admin-ajax.php'),
                'nonce' => wp_create_nonce('orderguard_test'),
                'running' => __('Testing…', 'orderguard-for-woocommerce'),
                'failed' => __('The test itself could not run. Reload the page and try again.', 'orderguard-for-woocommerce'),
            ]);
        }
    }

    public function init_form_fields(): void
    {
        $this->form_fields = [
            'url' => [
                'title' => __('Server address', 'orderguard-for-woocommerce'),
                'type' => 'text',
                'placeholder' => 'https://orderguard.example',
                'description' => __('Where your Orderguard answers.', 'orderguard-for-woocommerce'),
            ],
            'cart_key' => [
                'title' => __('Cart key', 'orderguard-for-woocommerce'),
                'type' => 'password',
                'description' => __('From "orderguard keys issue MERCHANT --scope cart" or the console.', 'orderguard-for-woocommerce'),
            ],
            'orders_key' => [
                'title' => __('Orders key', 'orderguard-for-woocommerce'),
                'type' => 'password',
                'description' => __('From "orderguard keys issue MERCHANT --scope orders" or the console.', 'orderguard-for-woocommerce'),
            ],
            'test' => ['title' => __('Test', 'orderguard-for-woocommerce'), 'type' => 'orderguard_test'],
            'tax_class' => [
                'title' => __('Tax on the fee', 'orderguard-for-woocommerce'),
                'type' => 'select',
                'options' => self::taxClasses(),
                'default' => Settings::NOT_TAXED,
                'description' => __('Where prices are shown with tax, the price of the offer contains it.', 'orderguard-for-woocommerce'),
            ],
            'place' => [
                'title' => __('Place of the box', 'orderguard-for-woocommerce'),
                'type' => 'select',
                'options' => [
                    Settings::IN_TOTALS => __('With the order summary', 'orderguard-for-woocommerce'),
                    Settings::ABOVE_PAYMENT => __('With the payment methods', 'orderguard-for-woocommerce'),
                ],
                'default' => Settings::IN_TOTALS,
            ],
            'on_hold' => [
                'title' => __('Orders on hold', 'orderguard-for-woocommerce'),
                'type' => 'checkbox',
                'label' => __('Cover orders on hold, before their bank transfer or cheque arrives', 'orderguard-for-woocommerce'),
                'default' => 'no',
            ],
        ];
    }

    /** The stored key never goes back to the browser. */
    public function generate_password_html($key, $data): string
    {
        $kept = (string) $this->get_option($key);
        $data['placeholder'] = '' === $kept ? 'og_…' : self::KEEP;
        $data['custom_attributes'] = ['autocomplete' => 'off'];
        $this->settings[$key] = '';
        $html = parent::generate_password_html($key, $data);
        $this->settings[$key] = $kept;

        return $html;
    }

    public function generate_orderguard_test_html($key, $data): string
    {
        return '<tr valign="top"><th scope="row" class="titledesc">' . esc_html($data['title']) . '</th><td class="forminp">'
            . '<button type="button" class="button" id="orderguard-test">' . esc_html__('Test connection', 'orderguard-for-woocommerce') . '</button>'
            . '<ol id="orderguard-test-steps" aria-live="polite"></ol>'
            . '<p class="description">' . esc_html__('Tries the values above, also before they are saved: an offer for a sample cart, and the orders key.', 'orderguard-for-woocommerce') . '</p>'
            . '</td></tr>';
    }

    public function validate_url_field($key, $value): string
    {
        [$address, $problem] = Settings::readAddress(sanitize_text_field((string) $value));
        if ('' !== $problem) {
            \WC_Admin_Settings::add_error(self::explainAddress($problem));

            return (string) $this->get_option($key);
        }

        return $address;
    }

    /** An empty field means that the key stays. */
    public function validate_password_field($key, $value): string
    {
        $typed = trim(sanitize_text_field((string) $value));

        return '' === $typed || self::KEEP === $typed ? (string) $this->get_option($key) : $typed;
    }

    public static function explainAddress(string $problem): string
    {
        return 'scheme' === $problem
            ? __('The address has to begin with https://, for example https://orderguard.example.', 'orderguard-for-woocommerce')
            : __('The address must not contain a question mark, a hash sign or a password.', 'orderguard-for-woocommerce');
    }

    /** With new settings, what waited is tried at once. */
    public function process_admin_options(): bool
    {
        $saved = parent::process_admin_options();
        delete_transient('orderguard_rest');
        State::change(['sweep_due' => true, 'offers_failure' => null, 'orders_failure' => null]);

        return (bool) $saved;
    }

    /** @return array<string, string> */
    private static function taxClasses(): array
    {
        $slugs = \WC_Tax::get_tax_class_slugs();

        return [
            Settings::NOT_TAXED => __('No tax', 'orderguard-for-woocommerce'),
            Settings::STANDARD_RATE => __('Standard rate', 'orderguard-for-woocommerce'),
        ] + array_combine($slugs, \WC_Tax::get_tax_classes());
    }
}
