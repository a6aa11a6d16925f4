<?php

declare(strict_types=1);

namespace Orderguard\WooCommerce;

use Orderguard\Core\Answer;
use Orderguard\Core\Breaker;
use Orderguard\Core\Push;

defined('ABSPATH') || exit;

/** The Orderguard server, over WordPress' HTTP client. Nothing here throws. */
final class Server
{
    /** WordPress cannot wait for less than a second. */
    public const OFFER_SECONDS = 1;
    public const ORDER_SECONDS = 10;
    private const REST = 'orderguard_rest';

    public function __construct(private readonly Settings $settings, private readonly Health $health)
    {
    }

    /**
     * Ask for an offer, unless Orderguard was silent a moment ago.
     *
     * @param array<string, mixed> $body
     *
     * @return Answer|false|null false when Orderguard refuses this cart, null when it is silent
     */
    public function analyze(array $body): Answer|false|null
    {
        $kept = get_transient(self::REST);
        $breaker = is_array($kept) ? new Breaker((int) $kept[0], (int) $kept[1]) : new Breaker();
        if ($breaker->isOpen(time())) {
            return null;
        }
        if ($breaker->failures) {
            // This page tries; pages that load meanwhile must not wait along.
            $this->rest($breaker->afterSilence(time()));
        }
        [$status, $answered] = $this->send('POST', '/v1/analyze', $this->settings->cartKey, $body, self::OFFER_SECONDS);
        $answer = 200 === $status ? Answer::read($answered) : null;
        if (!$answer) {
            $this->health->noteFailure('offers', Health::explain($status, Push::sentence($status, $answered)));
        }
        if (!$answer && ($status < 400 || $status >= 500 || 429 === $status)) {
            $this->rest($breaker->afterSilence(time()));

            return null;
        }
        if ($breaker->failures) {
            delete_transient(self::REST);
        }
        if (!$answer) {
            return false;
        }
        $this->health->noteSuccess('offers');

        return $answer;
    }

    /**
     * @param array<string, mixed> $body
     *
     * @return array{0: int, 1: mixed} status and decoded body
     */
    public function pushOrder(array $body): array
    {
        return $this->send('PUT', '/api/v1/orders', $this->settings->ordersKey, $body, self::ORDER_SECONDS);
    }

    /** @return array{0: int, 1: mixed} */
    public function deleteOrder(string $externalId): array
    {
        $path = '/api/v1/orders/external/' . rawurlencode($externalId);

        return $this->send('DELETE', $path, $this->settings->ordersKey, null, self::ORDER_SECONDS);
    }

    /**
     * One request. Status 0 when no answer came; the body is null when it is no JSON.
     *
     * @param array<string, mixed>|null $body
     *
     * @return array{0: int, 1: mixed, 2: string} then why no answer came
     */
    public function send(string $method, string $path, string $key, ?array $body, int $seconds): array
    {
        /**
         * Filters how many seconds a request to Orderguard may take.
         *
         * @param int    $seconds 1 for offers, 10 for orders.
         * @param string $path    The route.
         */
        $seconds = max(1, (int) apply_filters('orderguard_timeout', $seconds, $path));
        $response = wp_remote_request($this->settings->url . $path, [
            'method' => $method,
            'timeout' => $seconds,
            'redirection' => 0,
            'limit_response_size' => 1_048_576,
            'user-agent' => 'orderguard-for-woocommerce/' . ORDERGUARD_VERSION,
            'headers' => array_filter(['X-Authorization' => $key, 'Content-Type' => 'application/json']),
            'body' => null === $body ? null : wp_json_encode($body, JSON_INVALID_UTF8_SUBSTITUTE),
        ]);
        if (is_wp_error($response)) {
            return [0, null, $response->get_error_message()];
        }
        $text = wp_remote_retrieve_body($response);

        return [(int) wp_remote_retrieve_response_code($response), json_decode($text, true), ''];
    }

    private function rest(Breaker $breaker): void
    {
        set_transient(self::REST, [$breaker->failures, $breaker->until], DAY_IN_SECONDS);
    }
}
