<?php

declare(strict_types=1);

namespace Orderguard;

use Orderguard\Core\Answer;
use Orderguard\Core\Breaker;
use Orderguard\Core\Push;
use Orderguard\Core\Terms;
use Psr\Http\Client\ClientExceptionInterface;
use Psr\Http\Client\ClientInterface;
use Psr\Http\Message\RequestFactoryInterface;
use Psr\Http\Message\StreamFactoryInterface;

/**
 * Asks Orderguard on behalf of a shop: `analyze` never throws, `pushOrder` does.
 *
 * PSR-18 has no time-outs. Give `$http` one of about 0.8 seconds, so that a checkout never waits for Orderguard.
 */
final class Client
{
    private Breaker $breaker;

    /** The keys have the scopes `cart` and `orders`. */
    public function __construct(
        private readonly ClientInterface $http,
        private readonly RequestFactoryInterface $requests,
        private readonly StreamFactoryInterface $streams,
        private readonly string $url,
        private readonly string $cartKey,
        private readonly string $ordersKey,
    ) {
        $this->breaker = new Breaker();
    }

    /**
     * The answer for a cart (`Core\CartRequest::body`), or null after any failure: checkout goes on without an offer.
     *
     * @param array<string, mixed> $question
     */
    public function analyze(array $question): ?Answer
    {
        if ($this->breaker->isOpen(time())) {
            return null;
        }
        [$status, $body] = $this->send('POST', '/v1/analyze', $this->cartKey, $question);
        $this->breaker = 0 === $status ? $this->breaker->afterSilence(time()) : new Breaker();

        return 200 === $status ? Answer::read($body) : null;
    }

    /**
     * The order as Orderguard keeps it, with `acceptance`, `coverages` and `warnings`. One attempt: call it from a queue,
     * and again after `Core\Push::pause` seconds.
     *
     * @param array<string, mixed> $order
     *
     * @return array<string, mixed>
     *
     * @throws OrderRefused
     * @throws OrderNotPushed
     */
    public function pushOrder(array $order): array
    {
        [$status, $body] = $this->send('PUT', '/api/v1/orders', $this->ordersKey, $order);

        return match (Push::outcome($status, $body)) {
            Push::Taken => $body['order'],
            Push::Refused => throw new OrderRefused($status, $body),
            Push::Later => throw new OrderNotPushed(
                'The order is not confirmed, push it again: ' . (Push::sentence($status, $body) ?: 'no answer')
            ),
        };
    }

    /**
     * The order with the fee and the session; without an offer only with the session: the shopper declined.
     *
     * @param array<string, mixed> $order
     *
     * @return array<string, mixed>
     */
    public static function withProtection(array $order, ?Terms $offer, ?string $session = null): array
    {
        $session = $offer?->session ?? $session;
        $order['fees'] ??= [];
        $order['metadata'] ??= [];
        if ($offer) {
            $order['fees'][] = [
                'name' => 'Order protection',
                'amount' => ['amount' => $offer->amount, 'currency_code' => $offer->currency],
                'accepted_offer_mode' => $offer->modes,
            ];
        }
        if ($session) {
            $order['metadata'][] = ['key' => 'session_id', 'value' => $session];
        }

        return $order;
    }

    /** @return array{int, mixed} the status, 0 without an answer, and the decoded body */
    private function send(string $method, string $path, string $key, array $content): array
    {
        try {
            $request = $this->requests->createRequest($method, rtrim($this->url, '/') . $path)
                ->withHeader('X-Authorization', $key)
                ->withHeader('Content-Type', 'application/json')
                ->withBody($this->streams->createStream(json_encode($content, JSON_THROW_ON_ERROR)));
            $response = $this->http->sendRequest($request);

            return [$response->getStatusCode(), json_decode((string) $response->getBody(), true)];
        } catch (ClientExceptionInterface | \JsonException) {
            return [0, null];
        }
    }
}
