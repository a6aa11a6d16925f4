<?php

declare(strict_types=1);

namespace Orderguard\Core;

/**
 * A circuit breaker: after missing answers, requests pause for a while, so that one page waits and not every
 * one.
 *
 * Pure: the platform keeps the returned state, for example in a transient.
 */
final class Breaker
{
    public function __construct(public readonly int $failures = 0, public readonly int $until = 0)
    {
    }

    public function isOpen(int $now): bool
    {
        return $this->until > $now;
    }

    /**
     * The breaker after another missing answer: a pause of ten seconds, then twice as long each time, five
     * minutes at most.
     */
    public function afterSilence(int $now): self
    {
        return new self($this->failures + 1, $now + min(300, 10 * 2 ** min(8, $this->failures)));
    }
}
