<?php
// The stub's tables and pages.
$_SERVER += ['HTTP_HOST' => '127.0.0.1', 'REQUEST_URI' => '/', 'REQUEST_METHOD' => 'GET', 'SERVER_PROTOCOL' => 'HTTP/1.1'];
require getenv('ORDERGUARD_CORE') . '/wp-load.php';
global $wpdb;
foreach ([
    "CREATE TABLE {$wpdb->prefix}woocommerce_sessions (session_id bigint(20) NOT NULL AUTO_INCREMENT, session_key varchar(64) NOT NULL, session_value longtext NOT NULL, session_expiry bigint(20) NOT NULL, PRIMARY KEY (session_id))",
    'CREATE TABLE stub_orders (id bigint(20) NOT NULL AUTO_INCREMENT, data longtext NOT NULL, PRIMARY KEY (id))',
    "CREATE TABLE {$wpdb->prefix}actionscheduler_actions (action_id bigint(20) NOT NULL AUTO_INCREMENT, hook varchar(191), status varchar(20), scheduled_at bigint(20), every bigint(20), args text, group_id bigint(20), PRIMARY KEY (action_id))",
    "CREATE TABLE {$wpdb->prefix}actionscheduler_groups (group_id bigint(20) NOT NULL AUTO_INCREMENT, slug varchar(255), PRIMARY KEY (group_id))",
    "CREATE TABLE {$wpdb->prefix}actionscheduler_logs (log_id bigint(20) NOT NULL AUTO_INCREMENT, action_id bigint(20), message text, PRIMARY KEY (log_id))",
] as $table) $wpdb->query($table);
$page = static fn (string $title, string $content) => wp_insert_post(['post_type' => 'page', 'post_status' => 'publish', 'post_title' => $title, 'post_content' => $content]);
$ids = WC_Product::ids() + ['ship' => 'flat_rate:1', 'pickup' => 'local_pickup:2', 'collect' => 'pickup_location:0'];
$ids['classic'] = $page('Classic checkout', '<!-- wp:shortcode -->[woocommerce_checkout]<!-- /wp:shortcode -->');
$ids['block'] = $page('Checkout', '<!-- wp:woocommerce/checkout /-->');
$ids['cart'] = $page('Cart', '<!-- wp:shortcode -->[woocommerce_cart]<!-- /wp:shortcode -->');
foreach (WC_Product::ids() as $name => $id) wp_insert_post(['import_id' => $id, 'post_type' => 'product', 'post_status' => 'publish', 'post_title' => $name]);
wp_insert_term('final-sale', 'product_tag', ['slug' => 'final-sale']);
wp_set_object_terms($ids['coat'], 'final-sale', 'product_tag');
wp_insert_user(['user_login' => 'shopper', 'user_pass' => 'shopper', 'user_email' => 'shopper@shop.example', 'role' => 'subscriber']);
foreach (['test_shop_ids' => $ids, 'woocommerce_checkout_page_id' => $ids['block'], 'woocommerce_cart_page_id' => $ids['cart'], 'woocommerce_tax_display_cart' => 'excl'] as $name => $value) update_option($name, $value);
