<?php
// Action Scheduler's functions, over tables with its names, so that uninstalling has something to remove.

defined('ABSPATH') || exit;

final class Stub_Queue
{
    public static function table(string $name): string
    {
        global $wpdb;
        return $wpdb->prefix . "actionscheduler_$name";
    }

    public static function add(string $hook, array $args, string $group, int $at, int $every = 0): int
    {
        global $wpdb;
        $groups = self::table('groups');
        $id = $wpdb->get_var($wpdb->prepare("SELECT group_id FROM $groups WHERE slug = %s", $group));
        if (!$id) {
            $wpdb->insert($groups, ['slug' => $group]);
            $id = $wpdb->insert_id;
        }
        $wpdb->insert(self::table('actions'), ['hook' => $hook, 'status' => 'pending', 'scheduled_at' => $at, 'every' => $every, 'args' => wp_json_encode($args), 'group_id' => $id]);
        $action = (int) $wpdb->insert_id;
        $wpdb->insert(self::table('logs'), ['action_id' => $action, 'message' => 'action created']);
        return $action;
    }

    public static function all(): array
    {
        global $wpdb;
        $rows = $wpdb->get_results('SELECT * FROM ' . self::table('actions') . " WHERE status = 'pending' ORDER BY scheduled_at, action_id", ARRAY_A);
        return array_map(static fn ($row) => ['id' => (int) $row['action_id'], 'hook' => $row['hook'], 'args' => json_decode($row['args'], true), 'at' => (int) $row['scheduled_at'], 'recurring' => $row['every'] > 0], $rows);
    }

    public static function run(int $id): void
    {
        global $wpdb;
        $row = $wpdb->get_row($wpdb->prepare('SELECT * FROM ' . self::table('actions') . " WHERE action_id = %d AND status = 'pending'", $id), ARRAY_A);
        if (!$row) return;
        $wpdb->update(self::table('actions'), ['status' => 'complete'], ['action_id' => $id]);
        if (!has_action($row['hook'])) return; // the real one marks it as failed, and it is lost
        do_action_ref_array($row['hook'], json_decode($row['args'], true));
        if ($row['every'] > 0) self::add($row['hook'], json_decode($row['args'], true), 'orderguard', time() + $row['every'], (int) $row['every']);
    }

    public static function cancel(string $hook, ?array $args): void
    {
        global $wpdb;
        foreach (self::all() as $action) {
            if (('' === $hook || $hook === $action['hook']) && (!$args || $args === $action['args'])) {
                $wpdb->update(self::table('actions'), ['status' => 'canceled'], ['action_id' => $action['id']]);
            }
        }
    }
}

function as_enqueue_async_action(string $hook, array $args = [], string $group = ''): int
{
    return Stub_Queue::add($hook, $args, $group, 0);
}

function as_schedule_single_action(int $at, string $hook, array $args = [], string $group = ''): int
{
    return Stub_Queue::add($hook, $args, $group, $at);
}

function as_schedule_recurring_action(int $at, int $every, string $hook, array $args = [], string $group = ''): int
{
    return Stub_Queue::add($hook, $args, $group, $at, $every);
}

function as_unschedule_all_actions(string $hook, array $args = [], string $group = ''): void
{
    Stub_Queue::cancel($hook, $args);
}

function as_has_scheduled_action(string $hook, ?array $args = null, string $group = ''): bool
{
    foreach (Stub_Queue::all() as $action) {
        if ($action['hook'] === $hook && (null === $args || $args === $action['args'])) return true;
    }
    return false;
}
