<?php

declare(strict_types=1);

namespace Orderguard\Core;

/** The terms that a shopper accepts: a session, coverage modes, and an amount in minor units. */
final class Terms
{
    public const PRICE_ROSE = 'price_rose';
    public const MODES_CHANGED = 'modes_changed';
    public const CURRENCY_CHANGED = 'currency_changed';

    /**
     * An acceptance survives a rise of this many basis points, measured from the amount that was agreed to.
     */
    public const RISE_TOLERATED_BPS = 1000;

    /** @param list<string> $modes in the order in which Orderguard sent them */
    public function __construct(
        public readonly string $session,
        public readonly int $amount,
        public readonly string $currency,
        public readonly array $modes,
    ) {
    }

    /** Why the acceptance of these terms does not count for the `offer`, or null when it does. */
    public function whyNot(self $offer, int $toleratedBps = self::RISE_TOLERATED_BPS): ?string
    {
        if ($this->currency !== $offer->currency) {
            return self::CURRENCY_CHANGED;
        }
        if (!$this->hasModesOf($offer)) {
            return self::MODES_CHANGED;
        }

        return $offer->amount * 10_000 > $this->amount * (10_000 + $toleratedBps) ? self::PRICE_ROSE : null;
    }

    public function hasModesOf(self $other): bool
    {
        [$mine, $others] = [$this->modes, $other->modes];
        sort($mine);
        sort($others);

        return $mine === $others;
    }

    /** A text by which a page names the terms that it shows. Only compared, never read. */
    public function token(): string
    {
        return implode(' ', [$this->session, $this->amount, $this->currency, ...$this->modes]);
    }

    /** @return array{session: string, amount: int, currency: string, modes: list<string>} */
    public function toArray(): array
    {
        return [
            'session' => $this->session,
            'amount' => $this->amount,
            'currency' => $this->currency,
            'modes' => $this->modes,
        ];
    }

    /** The terms that `toArray` gave, or null for anything else. */
    public static function fromArray(mixed $kept): ?self
    {
        if (!is_array($kept)) {
            return null;
        }
        [$session, $amount, $currency, $modes] = array_map(
            static fn (string $name) => $kept[$name] ?? null,
            ['session', 'amount', 'currency', 'modes'],
        );
        $isWhole = is_string($session) && is_int($amount) && $amount > 0 && is_string($currency)
            && is_array($modes) && $modes && array_is_list($modes) && $modes === array_filter($modes, 'is_string');

        return $isWhole ? new self($session, $amount, $currency, $modes) : null;
    }
}
