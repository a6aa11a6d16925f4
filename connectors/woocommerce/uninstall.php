<?php
/**
 * Removes settings, keys, transients, the memory of carts, and queued work. Orders keep their fees and notes.
 *
 * @package Orderguard
 */

declare(strict_types=1);

defined('WP_UNINSTALL_PLUGIN') || exit;

/** Removes everything of one site. */
function orderguard_uninstall_site(): void
{
    global $wpdb;
    delete_option('woocommerce_orderguard_settings');
    delete_option('orderguard_state');
    delete_transient('orderguard_rest');
    $has = static fn (string $table): bool => $table === $wpdb->get_var($wpdb->prepare('SHOW TABLES LIKE %s', $wpdb->esc_like($table)));

    $sessions = $wpdb->prefix . 'woocommerce_sessions';
    if ($has($sessions)) {
        $rows = $wpdb->get_results($wpdb->prepare('SELECT session_id, session_value FROM %i WHERE INSTR(session_value, %s) > 0', $sessions, 'orderguard'));
        foreach ($rows as $row) {
            $values = unserialize($row->session_value, ['allowed_classes' => false]); // phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions
            if (is_array($values) && isset($values['orderguard'])) {
                unset($values['orderguard']);
                $wpdb->update($sessions, ['session_value' => serialize($values)], ['session_id' => $row->session_id]); // phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions
            }
        }
    }

    $actions = $wpdb->prefix . 'actionscheduler_actions';
    $groups = $wpdb->prefix . 'actionscheduler_groups';
    $logs = $wpdb->prefix . 'actionscheduler_logs';
    if ($has($actions) && $has($groups)) {
        $group = (int) $wpdb->get_var($wpdb->prepare('SELECT group_id FROM %i WHERE slug = %s', $groups, 'orderguard'));
        if ($group) {
            if ($has($logs)) {
                $wpdb->query($wpdb->prepare('DELETE FROM %i WHERE action_id IN (SELECT action_id FROM %i WHERE group_id = %d)', $logs, $actions, $group));
            }
            $wpdb->delete($actions, ['group_id' => $group]);
            $wpdb->delete($groups, ['group_id' => $group]);
        }
    }
    wp_cache_flush();
}

if (is_multisite()) {
    foreach (get_sites(['fields' => 'ids', 'number' => 0]) as $orderguard_site) {
        switch_to_blog((int) $orderguard_site);
        orderguard_uninstall_site();
        restore_current_blog();
    }
} else {
    orderguard_uninstall_site();
}
