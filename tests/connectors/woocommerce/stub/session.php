<?php

defined('ABSPATH') || exit;

/** Like WooCommerce's: a row of `woocommerce_sessions`, found by a cookie, saved at the end; a login keeps it. */
final class WC_Session
{
    private string $key;
    private array $values = [];
    private bool $is_changed = false;

    public function __construct()
    {
        global $wpdb;
        $cookie = $_COOKIE['stub_session'] ?? '';
        $this->key = preg_match('/^[a-f0-9]{32}$/', $cookie) ? $cookie : bin2hex(random_bytes(16));
        if ($cookie !== $this->key && !headers_sent()) {
            setcookie('stub_session', $this->key, 0, '/');
        }
        $kept = $wpdb->get_var($wpdb->prepare("SELECT session_value FROM {$wpdb->prefix}woocommerce_sessions WHERE session_key = %s", $this->key));
        $this->values = $kept ? unserialize($kept) : [];
        add_action('shutdown', [$this, 'save'], 20);
    }

    public function get(string $name, $default = null)
    {
        return isset($this->values[$name]) ? maybe_unserialize($this->values[$name]) : $default;
    }

    public function set(string $name, $value): void
    {
        $this->is_changed = true;
        if (null === $value) {
            unset($this->values[$name]);
        } else {
            $this->values[$name] = maybe_serialize($value);
        }
    }

    public function get_customer_id(): string
    {
        return $this->key;
    }

    public function save(): void
    {
        global $wpdb;
        if ($this->is_changed) {
            $wpdb->delete("{$wpdb->prefix}woocommerce_sessions", ['session_key' => $this->key]);
            $wpdb->insert("{$wpdb->prefix}woocommerce_sessions", ['session_key' => $this->key, 'session_value' => serialize($this->values), 'session_expiry' => time() + DAY_IN_SECONDS]);
            $this->is_changed = false;
        }
    }
}
