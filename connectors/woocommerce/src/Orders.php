<?php

declare(strict_types=1);

namespace Orderguard\WooCommerce;

use Orderguard\Core\Push;

defined('ABSPATH') || exit;

/**
 * Reports orders from every origin: checkout, express button, order-pay page, admin.
 *
 * Marks on the order say where it stands: due (something to report), pushed (a fingerprint of what Orderguard has),
 * refused (why). A push is the whole order, so a repeated one changes nothing.
 */
final class Orders
{
    public const DUE = '_orderguard_due';
    public const PUSHED = '_orderguard_pushed';
    public const REFUSED = '_orderguard_refused';
    public const TRIES = '_orderguard_tries';
    private const DELETED = 'deleted';

    /** @var array<int, true> orders that are being marked; saving a mark is a change, too */
    private array $busy = [];

    public function __construct(
        private readonly States $states,
        private readonly Queue $queue,
        private readonly Server $server,
        private readonly Health $health,
    ) {
    }

    /** Something happened to an order. It is due when Orderguard has something else, or should have it now. */
    public function noteChange(mixed $orderId): void
    {
        $order = is_numeric($orderId) ? wc_get_order((int) $orderId) : null;
        if (!$order instanceof \WC_Order || 'shop_order' !== $order->get_type() || isset($this->busy[$order->get_id()])) {
            return;
        }
        $body = $this->bodyOf($order);
        if ($body && OrderReader::fingerprint($body) !== (string) $order->get_meta(self::PUSHED)) {
            $this->markDue($order);
            $this->queue->pushSoon($order->get_id());
        }
    }

    public function noteRefundDeleted(mixed $refundId, mixed $orderId): void
    {
        $this->noteChange($orderId);
    }

    /** An order that Orderguard knows is deleted for good; its number is all that is left of it. */
    public function noteDeletion(mixed $orderId): void
    {
        $order = is_numeric($orderId) ? wc_get_order((int) $orderId) : null;
        if ($order instanceof \WC_Order && 'shop_order' === $order->get_type() && $order->get_meta(self::PUSHED)) {
            $id = OrderReader::externalId($order);
            State::change([self::DELETED => array_values(array_unique([...self::deleted(), $id]))]);
            $this->queue->deleteSoon($id);
        }
    }

    /** @return list<string> deleted orders of which Orderguard has not been told; no order is left to bear a mark */
    public static function deleted(): array
    {
        return array_map('strval', (array) (State::get(self::DELETED) ?? []));
    }

    /** Runs in Action Scheduler. */
    public function push(mixed $orderId): void
    {
        $order = wc_get_order((int) $orderId);
        if (!$order instanceof \WC_Order) {
            return;
        }
        $due = (string) $order->get_meta(self::DUE);
        $body = $this->bodyOf($order);
        if (!$body) {
            $this->mark($order, [self::DUE => null]);

            return;
        }
        [$status, $answer] = $this->server->pushOrder($body);
        match (Push::outcome($status, $answer)) {
            Push::Taken => $this->noteTaken($order, $body, $due),
            Push::Refused => $this->noteRefused($order, $body, Push::sentence($status, $answer)),
            Push::Later => $this->noteLater($order, $status, Push::sentence($status, $answer)),
        };
    }

    public function delete(mixed $externalId, mixed $attempt = 1): void
    {
        [$status] = $this->server->deleteOrder((string) $externalId);
        if (in_array($status, [200, 204, 404], true)) {
            State::change([self::DELETED => array_values(array_diff(self::deleted(), [(string) $externalId])) ?: null]);
        } elseif ((int) $attempt < Push::ATTEMPTS_AT_MOST) {
            $this->queue->deleteSoon((string) $externalId, (int) $attempt + 1, Push::pause((int) $attempt));
        }
    }

    /** @param mixed $actions the "Order actions" of the order screen */
    public function nameAction(mixed $actions): mixed
    {
        return is_array($actions)
            ? $actions + ['orderguard_push' => __('Push to Orderguard again', 'orderguard-for-woocommerce')]
            : $actions;
    }

    public function pushAgain(mixed $order): void
    {
        if ($order instanceof \WC_Order) {
            $this->mark($order, [self::REFUSED => null, self::TRIES => null]);
            $this->markDue($order);
            $this->queue->pushSoon($order->get_id());
        }
    }

    public function markDue(\WC_Order $order): void
    {
        $this->mark($order, [self::DUE => microtime(true) . '-' . wp_rand()]);
    }

    /** @return array<string, mixed>|null null when Orderguard need not know of the order */
    private function bodyOf(\WC_Order $order): ?array
    {
        $wasReported = '' !== (string) $order->get_meta(self::PUSHED);
        $isOld = !$wasReported && !$order->get_meta(Fee::SESSION) && !OrderReader::bearsFee($order)
            && ($order->get_date_created()?->getTimestamp() ?? 0) < (int) State::get('since');
        $status = $this->states->of($order)->toWire($wasReported);
        if (null === $status || $isOld || !Settings::isCurrencyKnown($order->get_currency())) {
            return null;
        }

        return (new OrderReader($order))->body($status);
    }

    /** @param array<string, mixed> $body */
    private function noteTaken(\WC_Order $order, array $body, string $due): void
    {
        $wasDown = null !== $this->health->failure('orders');
        $this->health->noteSuccess('orders');
        $order->read_meta_data(true);
        // A change during the push has set another mark and its own push; that mark has to stay.
        $isStillDue = $due !== (string) $order->get_meta(self::DUE);
        $this->mark($order, [
            self::PUSHED => OrderReader::fingerprint($body),
            self::DUE => $isStillDue ? $order->get_meta(self::DUE) : null,
            self::REFUSED => null,
            self::TRIES => null,
        ]);
        if ($wasDown) {
            $this->queue->sweepSoon();
        }
    }

    /** @param array<string, mixed> $body */
    private function noteRefused(\WC_Order $order, array $body, string $why): void
    {
        $this->health->noteFailure('orders', $why);
        $isNews = $why !== (string) $order->get_meta(self::REFUSED);
        $this->mark($order, [self::REFUSED => $why, self::DUE => null, self::TRIES => null]);
        if ($isNews && OrderReader::bearsFee($order)) {
            $this->tell($order, $why);
        }
    }

    private function noteLater(\WC_Order $order, int $status, string $said): void
    {
        $why = Health::explain($status, $said);
        $this->health->noteFailure('orders', $why);
        $tries = (int) $order->get_meta(self::TRIES) + 1;
        $due = (string) $order->get_meta(self::DUE);
        $this->mark($order, [self::TRIES => (string) $tries, self::DUE => '' === $due ? (string) microtime(true) : $due]);
        if ($tries < Push::ATTEMPTS_AT_MOST) {
            $this->queue->pushLater($order->get_id(), Push::pause($tries));
        } elseif (Push::ATTEMPTS_AT_MOST === $tries && OrderReader::bearsFee($order)) {
            // The daily sweep goes on trying.
            $this->tell($order, $why);
        }
    }

    private function tell(\WC_Order $order, string $why): void
    {
        $order->add_order_note(sprintf(
            /* translators: %s: why, for example 422 and a sentence of Orderguard. */
            esc_html__('Orderguard does not have this order (%s), so its protection is not covered yet. When the reason is gone, choose "Push to Orderguard again" under Order actions.', 'orderguard-for-woocommerce'),
            esc_html($why),
        ));
    }

    /** @param array<string, string|null> $marks */
    private function mark(\WC_Order $order, array $marks): void
    {
        $this->busy[$order->get_id()] = true;
        foreach ($marks as $name => $value) {
            null === $value ? $order->delete_meta_data($name) : $order->update_meta_data($name, $value);
        }
        $order->save_meta_data();
        unset($this->busy[$order->get_id()]);
    }
}
