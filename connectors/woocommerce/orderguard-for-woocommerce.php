<?php
/**
 * Plugin Name: Orderguard for WooCommerce
 * Description: Offers order protection at checkout, charges it as a fee, and reports paid orders to your own Orderguard server.
 * Version: 0.1.0
 * Requires at least: 6.5
 * Requires PHP: 8.1
 * Requires Plugins: woocommerce
 * WC requires at least: 8.3
 * WC tested up to: 11.0
 * Author: The Orderguard authors
 * License: GPL-2.0-or-later
 * License URI: https://www.gnu.org/licenses/gpl-2.0.html
 * Text Domain: orderguard-for-woocommerce
 * Domain Path: /languages
 *
 * Licensed under the GNU General Public License, version 2 or later, or, at your option, the Apache License 2.0.
 */

declare(strict_types=1);

defined('ABSPATH') || exit;

define('ORDERGUARD_VERSION', '0.1.0');
define('ORDERGUARD_FILE', __FILE__);

spl_autoload_register(static function (string $class): void {
    $folders = ['Orderguard\\WooCommerce\\' => 'src/', 'Orderguard\\Core\\' => 'core/'];
    foreach ($folders as $namespace => $folder) {
        if (str_starts_with($class, $namespace)) {
            $file = __DIR__ . '/' . $folder . str_replace('\\', '/', substr($class, strlen($namespace))) . '.php';
            is_file($file) && require $file;
            return;
        }
    }
});

Orderguard\WooCommerce\Plugin::start();
