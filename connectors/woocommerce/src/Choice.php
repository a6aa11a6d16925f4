<?php

declare(strict_types=1);

namespace Orderguard\WooCommerce;

use Orderguard\Core\Terms;

defined('ABSPATH') || exit;

/** The shopper's yes. It is to terms that the page showed, and ends with its cart. */
final class Choice
{
    public const GONE = 'gone';

    public function __construct(private readonly Memory $memory)
    {
    }

    /**
     * Note the choice that the shopper's browser sent. `$shown` names the terms that the page showed; the browser
     * cannot change them.
     */
    public function note(bool $isYes, string $shown): void
    {
        $agreed = $this->memory->choice();
        if (!$isYes) {
            $this->memory->keepChoice(null);
            if ($agreed) {
                $this->memory->keepNotice('');
            }

            return;
        }
        $offer = $this->memory->answer()['answer']->offer ?? null;
        $seen = current(array_filter([$offer, $agreed], static fn (?Terms $known) => $known && hash_equals($known->token(), $shown)));
        if (!$seen) {
            $this->drop(Terms::PRICE_ROSE);

            return;
        }
        // A total says more than a box: the shopper may have been told another price since this page was drawn.
        $this->memory->shown() ?: $this->memory->keepShown($seen);
        if (!$agreed) {
            // A yes that stands is measured from the terms first agreed to, so small rises cannot add up.
            $this->memory->keepChoice($offer);
            $this->memory->keepNotice('');
        }
    }

    /** The yes that stands, before it is compared with the offer. */
    public function agreed(): ?Terms
    {
        return $this->memory->choice();
    }

    /** The terms of the offer, if the shopper's yes counts for them. A yes that does not count any more is dropped. */
    public function holdsFor(?Terms $offer): ?Terms
    {
        $agreed = $this->memory->choice();
        if (!$agreed) {
            return null;
        }
        $why = $offer ? $agreed->whyNot($offer) : self::GONE;
        if ($why) {
            $this->drop($why);

            return null;
        }

        return $offer;
    }

    public function notice(): string
    {
        return $this->memory->notice();
    }

    /** The cart is empty: an order was placed, or nothing is left to protect. */
    public function forget(): void
    {
        $this->memory->forget();
    }

    public function forgetWhenEmpty(string $key, mixed $cart): void
    {
        if ($cart instanceof \WC_Cart && $cart === WC()->cart && $cart->is_empty()) {
            $this->forget();
        }
    }

    private function drop(string $why): void
    {
        $this->memory->keepChoice(null);
        $this->memory->keepNotice($why);
    }
}
