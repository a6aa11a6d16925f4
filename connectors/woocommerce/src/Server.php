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
    /** How long a page may wait for offers, however often it asks. */
    public const OFFER_SECONDS = 0.8;
    public const ORDER_SECONDS = 10;
    private const REST = 'orderguard_rest';

    private float $waited = 0.0;

    /** Milliseconds that the request under way may take. */
    private int $limit = 0;

    public function __construct(private readonly Settings $settings, private readonly Health $health)
    {
    }

    /**
     * Ask for an offer, unless Orderguard was silent a moment ago, or this page has waited long enough.
     *
     * @param array<string, mixed> $body
     *
     * @return Answer|false|null false when Orderguard refuses this cart, null when it is silent
     */
    public function analyze(array $body): Answer|false|null
    {
        $kept = get_transient(self::REST);
        $breaker = is_array($kept) ? new Breaker((int) $kept[0], (int) $kept[1]) : new Breaker();
        $left = self::seconds(self::OFFER_SECONDS, '/v1/analyze') - $this->waited;
        if ($left < 0.05 || $breaker->isOpen(time())) {
            return null;
        }
        if ($breaker->failures) {
            // This page tries; pages that load meanwhile must not wait along.
            $this->rest($breaker->afterSilence(time()));
        }
        $isSecond = $this->waited > 0;
        $began = microtime(true);
        [$status, $answered] = $this->request('POST', '/v1/analyze', $this->settings->cartKey, $body, $left);
        $this->waited += microtime(true) - $began;
        if (0 === $status && $isSecond) {
            // Little time was left, so this says nothing of Orderguard.
            return null;
        }
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
    public function send(string $method, string $path, string $key, ?array $body, float $seconds): array
    {
        return $this->request($method, $path, $key, $body, self::seconds($seconds, $path));
    }

    /** WordPress rounds what it waits up to whole seconds. Runs right before curl sends a request. */
    public function shorten(mixed $handle, mixed $arguments, mixed $url): void
    {
        if ($this->limit > 0 && is_string($url) && str_starts_with($url, $this->settings->url . '/')) {
            // phpcs:ignore WordPress.WP.AlternativeFunctions.curl_curl_setopt_array -- the request is WordPress' own
            curl_setopt_array($handle, [CURLOPT_NOSIGNAL => true, CURLOPT_TIMEOUT_MS => $this->limit]);
        }
    }

    private static function seconds(float $seconds, string $path): float
    {
        /**
         * Filters how many seconds a request to Orderguard may take.
         *
         * @param float  $seconds 0.8 for all offers of a page together, 10 for orders.
         * @param string $path    The route.
         */
        return max(0.1, (float) apply_filters('orderguard_timeout', $seconds, $path));
    }

    /**
     * @param array<string, mixed>|null $body
     *
     * @return array{0: int, 1: mixed, 2: string} as `send` returns it
     */
    private function request(string $method, string $path, string $key, ?array $body, float $seconds): array
    {
        $this->limit = (int) ceil($seconds * 1000);
        $response = wp_remote_request($this->settings->url . $path, [
            'method' => $method,
            'timeout' => $seconds,
            'redirection' => 0,
            'limit_response_size' => 1_048_576,
            'user-agent' => 'orderguard-for-woocommerce/' . ORDERGUARD_VERSION,
            'headers' => array_filter(['X-Authorization' => $key, 'Content-Type' => 'application/json']),
            'body' => null === $body ? null : wp_json_encode($body, JSON_INVALID_UTF8_SUBSTITUTE),
        ]);
        $this->limit = 0;
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
