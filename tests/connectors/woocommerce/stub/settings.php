<?php

defined('ABSPATH') || exit;

final class WC_Admin_Settings
{
    public static array $errors = [];

    public static function add_error(string $text): void
    {
        self::$errors[] = $text;
    }
}

/** The settings page of an integration: fields, what is kept, and saving. */
abstract class WC_Integration
{
    public string $id = '';
    public string $method_title = '';
    public string $method_description = '';
    public array $form_fields = [];
    public array $settings = [];

    public function init_settings(): void
    {
        $this->settings = get_option("woocommerce_{$this->id}_settings") ?: [];
        foreach ($this->form_fields as $key => $field) $this->settings += [$key => $field['default'] ?? ''];
    }

    public function get_option(string $key)
    {
        return $this->settings[$key] ?? '';
    }

    public function generate_password_html($key, $data): string
    {
        return sprintf('<input type="password" id="%1$s" name="%1$s" placeholder="%2$s" value="%3$s">', esc_attr("woocommerce_{$this->id}_$key"), esc_attr($data['placeholder'] ?? ''), esc_attr((string) $this->get_option($key)));
    }

    public function generate_text_html($key, $data): string
    {
        return sprintf('<input type="text" id="%1$s" name="%1$s" value="%2$s">', esc_attr("woocommerce_{$this->id}_$key"), esc_attr((string) $this->get_option($key)));
    }

    public function admin_options(): void
    {
        echo '<h2>' . esc_html($this->method_title) . '</h2>';
        foreach ($this->form_fields as $key => $data) {
            $method = method_exists($this, "generate_{$data['type']}_html") ? "generate_{$data['type']}_html" : 'generate_text_html';
            echo $this->$method($key, $data);
        }
    }

    public function process_admin_options()
    {
        foreach ($this->form_fields as $key => $field) {
            $posted = wp_unslash($_POST["woocommerce_{$this->id}_$key"] ?? '');
            $method = method_exists($this, "validate_{$key}_field") ? "validate_{$key}_field" : "validate_{$field['type']}_field";
            $this->settings[$key] = match (true) {
                method_exists($this, $method) => $this->$method($key, $posted),
                'checkbox' === $field['type'] => $posted ? 'yes' : 'no',
                default => $posted,
            };
        }
        return update_option("woocommerce_{$this->id}_settings", $this->settings);
    }
}

final class WC_Integrations
{
    private array $made = [];

    public function __construct()
    {
        foreach (apply_filters('woocommerce_integrations', []) as $class) {
            $made = new $class();
            $this->made[$made->id] = $made;
        }
    }

    public function get_integration(string $id)
    {
        return $this->made[$id] ?? null;
    }
}

// WooCommerce > Settings, tab Integration: shown and saved under the real one's address.
add_action('admin_menu', static function (): void {
    add_menu_page('Settings', 'Settings', 'manage_options', 'wc-settings', static function (): void {
        if ('POST' === $_SERVER['REQUEST_METHOD']) {
            check_admin_referer('woocommerce-settings');
            do_action('woocommerce_update_options_integration_' . sanitize_key($_GET['section'] ?? ''));
        }
        foreach (WC_Admin_Settings::$errors as $error) echo '<div class="error inline"><p>' . esc_html($error) . '</p></div>';
        echo '<form method="post" id="mainform">';
        WC()->integrations->get_integration('orderguard')?->admin_options();
        wp_nonce_field('woocommerce-settings');
        echo '<button name="save" class="woocommerce-save-button" type="submit">Save changes</button></form>';
    });
});
add_filter('user_has_cap', static fn ($caps) => empty($caps['manage_options']) ? $caps : $caps + ['manage_woocommerce' => true]);
