<?php
// Installs WordPress, activates WooCommerce (the real one or the stub) and fills the shop. Prints nothing.
define('WP_INSTALLING', true);
$_SERVER += ['HTTP_HOST' => '127.0.0.1', 'REQUEST_URI' => '/', 'REQUEST_METHOD' => 'GET', 'SERVER_PROTOCOL' => 'HTTP/1.1'];
require getenv('ORDERGUARD_CORE') . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
require_once ABSPATH . 'wp-admin/includes/plugin.php';
if (!is_blog_installed()) {
    wp_install('Test shop', 'owner', 'owner@shop.example', false, '', 'owner');
    update_option('permalink_structure', '');
    update_option('template', 'twentytwentyfive');
    update_option('stylesheet', 'twentytwentyfive');
    update_option('active_plugins', ['woocommerce/woocommerce.php']);
    exit;
}
