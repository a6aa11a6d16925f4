<?php

declare(strict_types=1);

namespace Orderguard\Core;

/** Orderguard's answer to `POST /v1/analyze` for a cart. */
final class Answer
{
    private function __construct(
        public readonly string $session,
        public readonly string $reason,
        public readonly ?Terms $offer,
    ) {
    }

    /** Reads a decoded body; null when it is not an answer of Orderguard. */
    public static function read(mixed $body): ?self
    {
        $session = $body['sessionId'] ?? null;
        if (!is_array($body) || !is_string($session) || !preg_match('/^lop_[A-Za-z0-9]{20}$/D', $session)) {
            return null;
        }
        $reason = is_string($body['reason'] ?? null) ? $body['reason'] : '';
        if (true !== ($body['eligible'] ?? null)) {
            return new self($session, $reason, null);
        }
        $charge = $body['chargeInstructions'] ?? null;
        $offer = is_array($charge) ? Terms::fromArray([
            'session' => $session,
            'amount' => $charge['amount'] ?? null,
            'currency' => $charge['currencyCode'] ?? null,
            'modes' => $body['mode'] ?? null,
        ]) : null;

        return $offer ? new self($session, $reason, $offer) : null;
    }

    /** @return array<string, mixed> */
    public function toArray(): array
    {
        return ['session' => $this->session, 'reason' => $this->reason, 'offer' => $this->offer?->toArray()];
    }

    public static function fromArray(mixed $kept): ?self
    {
        if (!is_array($kept) || !is_string($kept['session'] ?? null)) {
            return null;
        }

        return new self($kept['session'], (string) ($kept['reason'] ?? ''), Terms::fromArray($kept['offer'] ?? null));
    }
}
