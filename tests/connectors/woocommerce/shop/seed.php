<?php
// The goods of a real WooCommerce, in a process of its own, after it is active.
$_SERVER += ['HTTP_HOST' => '127.0.0.1', 'REQUEST_URI' => '/', 'REQUEST_METHOD' => 'GET', 'SERVER_PROTOCOL' => 'HTTP/1.1'];
require getenv('ORDERGUARD_CORE') . '/wp-load.php';
WC_Install::install();
$off = [
    'woocommerce_coming_soon' => 'no',
    'woocommerce_currency' => 'USD',
    'woocommerce_default_country' => 'US:OH',
    'woocommerce_calc_taxes' => 'no',
    'woocommerce_enable_guest_checkout' => 'yes',
    'woocommerce_enable_signup_and_login_from_checkout' => 'yes',
    'woocommerce_enable_checkout_login_reminder' => 'yes',
    'woocommerce_registration_generate_password' => 'yes',
    'woocommerce_show_marketplace_suggestions' => 'no',
    'woocommerce_task_list_hidden' => 'yes',
    'woocommerce_onboarding_profile' => ['skipped' => true],
    'woocommerce_cod_settings' => ['enabled' => 'yes', 'title' => 'Cash on delivery', 'enable_for_virtual' => 'yes', 'enable_for_methods' => []],
    'woocommerce_bacs_settings' => ['enabled' => 'yes', 'title' => 'Bank transfer'],
    'woocommerce_pickup_location_settings' => ['enabled' => 'yes', 'title' => 'Pickup', 'tax_status' => 'none', 'cost' => ''],
    'pickup_location_pickup_locations' => [['name' => 'Our shop', 'address' => ['address_1' => '1 Main St', 'city' => 'Columbus', 'state' => 'OH', 'postcode' => '43004', 'country' => 'US'], 'details' => '', 'enabled' => true]],
];
foreach ($off as $name => $value) update_option($name, $value);

function a_product(string $name, string $price, array $more = []): int
{
    $product = new WC_Product_Simple();
    $product->set_name($name);
    $product->set_regular_price($price);
    $product->set_sku(strtoupper(strtok($name, ' ')));
    $product->set_virtual($more['virtual'] ?? false);
    $product->set_weight('1');
    $id = $product->save();
    if (isset($more['tag'])) wp_set_object_terms($id, $more['tag'], 'product_tag');
    return $id;
}
$ids = [
    'lamp' => a_product('Lamp', '50'),
    'coat' => a_product('Coat', '200', ['tag' => 'final-sale']),
    'ebook' => a_product('Ebook', '20', ['virtual' => true]),
    'throw' => a_product('Throw', '15'),
    'vase' => a_product('Vase', '133'),
];
$zone = new WC_Shipping_Zone();
$zone->set_zone_name('Everywhere');
$zone->save();
$flat = $zone->add_shipping_method('flat_rate');
$pickup = $zone->add_shipping_method('local_pickup');
update_option("woocommerce_flat_rate_{$flat}_settings", ['title' => 'Flat rate', 'tax_status' => 'none', 'cost' => '5']);
update_option("woocommerce_local_pickup_{$pickup}_settings", ['title' => 'Pickup', 'tax_status' => 'none', 'cost' => '']);
$ids['ship'] = "flat_rate:$flat";
$ids['pickup'] = "local_pickup:$pickup";
$ids['collect'] = 'pickup_location:0';
$coupon = new WC_Coupon();
$coupon->set_code('ten');
$coupon->set_discount_type('percent');
$coupon->set_amount('10');
$coupon->save();
WC_Tax::_insert_tax_rate(['tax_rate_country' => '', 'tax_rate_state' => '', 'tax_rate' => '19', 'tax_rate_name' => 'VAT', 'tax_rate_priority' => 1, 'tax_rate_compound' => 0, 'tax_rate_shipping' => 0, 'tax_rate_order' => 0, 'tax_rate_class' => '']);
$ids['classic'] = wp_insert_post(['post_type' => 'page', 'post_status' => 'publish', 'post_title' => 'Classic checkout', 'post_content' => '<!-- wp:shortcode -->[woocommerce_checkout]<!-- /wp:shortcode -->']);
$ids['block'] = (int) get_option('woocommerce_checkout_page_id');
if (!$ids['block']) {
    WC_Install::create_pages();
    $ids['block'] = (int) get_option('woocommerce_checkout_page_id');
}
$ids['cart'] = (int) get_option('woocommerce_cart_page_id');
wp_insert_user(['user_login' => 'shopper', 'user_pass' => 'shopper', 'user_email' => 'shopper@shop.example', 'role' => 'customer']);
update_option('test_shop_ids', $ids);
if (getenv('ORDERGUARD_STORAGE') === 'hpos') {
    $sync = wc_get_container()->get(Automattic\WooCommerce\Internal\DataStores\Orders\DataSynchronizer::class);
    $sync->check_orders_table_exists() || $sync->create_database_tables();
    update_option('woocommerce_custom_orders_table_enabled', 'yes');
    update_option('woocommerce_custom_orders_table_data_sync_enabled', 'no');
} else {
    update_option('woocommerce_custom_orders_table_enabled', 'no');
}
