<?php

declare(strict_types=1);

namespace Orderguard\WooCommerce;

use Orderguard\Core\Terms;

defined('ABSPATH') || exit;

/** Orderguard's offer for the cart as it is now. Asked once per state of the cart, and again after some minutes. */
final class Offers
{
    /** A change of prices or rules in Orderguard is seen within this time. */
    private const FRESH_SECONDS = 180;

    /** While Orderguard is silent, an answer for this very cart stays usable this long. */
    private const USABLE_SECONDS = 1800;

    /** @var array<string, true> the carts asked about in this request */
    private array $asked = [];

    /** Orderguard did not answer in this request, which does not ask again. */
    private bool $isSilent = false;

    public function __construct(
        private readonly Settings $settings,
        private readonly Server $server,
        private readonly Memory $memory,
        private readonly Place $place,
    ) {
    }

    /**
     * The offer, null when there is none, false when this page must not ask and nothing is known of this cart.
     */
    public function current(\WC_Cart $cart): Terms|false|null
    {
        if ($cart->is_empty() || !Settings::isCurrencyKnown(get_woocommerce_currency())) {
            return null;
        }
        if (null !== $this->memory->placed() && $this->memory->placed() !== $this->stateOf($cart)) {
            // An order that waits for its money keeps its session; a changed cart becomes another order.
            $this->memory->beginAnotherCart();
        }
        $request = CartReader::request($cart, $this->memory->cartId());
        $asked = md5((string) wp_json_encode([$this->settings->url, $request]));
        $known = $this->memory->answer();
        $isSame = $known && $known['asked'] === $asked;
        if ($isSame && $this->isEnough($asked, $known['age'])) {
            return $known['answer']?->offer;
        }
        if (!$this->place->mayAsk()) {
            return false;
        }
        $answer = $this->isSilent ? null : $this->server->analyze($request);
        $this->asked[$asked] = true;
        if (null === $answer) {
            $this->isSilent = true;

            return $isSame && $known['age'] < self::USABLE_SECONDS ? $known['answer']?->offer : null;
        }
        $this->memory->keepAnswer($asked, $answer);
        $offer = $answer ? $answer->offer : null;

        return $offer && $offer->currency === get_woocommerce_currency() ? $offer : null;
    }

    /** An order was placed and is about to be paid. If that fails, the cart stays, and so does the order. */
    public function notePlaced(): void
    {
        $cart = WC()->cart;
        if ($cart && !$cart->is_empty() && Settings::isCurrencyKnown(get_woocommerce_currency())) {
            $this->memory->keepPlaced($this->stateOf($cart));
        }
    }

    /** What another try has to have in common with the first one, so that WooCommerce takes the same order. */
    private function stateOf(\WC_Cart $cart): string
    {
        $chosen = WC()->session ? WC()->session->get('chosen_shipping_methods') : null;
        $parts = [CartReader::request($cart, ''), $chosen, null !== $this->memory->choice()];

        return md5((string) wp_json_encode($parts));
    }

    /** Whether Orderguard could not be asked in this request. */
    public function isSilent(): bool
    {
        return $this->isSilent;
    }

    private function isEnough(string $asked, int $age): bool
    {
        if (isset($this->asked[$asked])) {
            return !$this->isSilent || $age < self::USABLE_SECONDS;
        }

        return !$this->place->isPlacing() && $age < self::FRESH_SECONDS;
    }
}
