<?php

declare(strict_types=1);

namespace Orderguard\WooCommerce;

use Orderguard\Core\Answer;
use Orderguard\Core\Terms;

defined('ABSPATH') || exit;

/** The memory of one cart, in WooCommerce's session: its id, Orderguard's answer, the shopper's choice. */
final class Memory
{
    public const KEY = 'orderguard';

    /** A random id per cart; it goes with the cart, and survives a login as the session does. */
    public function cartId(): string
    {
        $id = $this->get('cart');
        if (!is_string($id)) {
            $id = 'wc-' . bin2hex(random_bytes(16));
            $this->set(['cart' => $id]);
        }

        return $id;
    }

    public function keepAnswer(string $asked, Answer|false $answer): void
    {
        $this->set(['answer' => ['asked' => $asked, 'at' => time(), 'said' => $answer ? $answer->toArray() : null]]);
    }

    /** @return array{asked: string, age: int, answer: Answer|null}|null */
    public function answer(): ?array
    {
        $kept = $this->get('answer');
        if (!is_array($kept)) {
            return null;
        }

        return [
            'asked' => (string) $kept['asked'],
            'age' => time() - (int) $kept['at'],
            'answer' => Answer::fromArray($kept['said']),
        ];
    }

    public function choice(): ?Terms
    {
        return Terms::fromArray($this->get('choice'));
    }

    public function keepChoice(?Terms $terms): void
    {
        $this->set(['choice' => $terms?->toArray()]);
    }

    /** The terms that the shopper sees beside the ticked box or in the total; null when the total has no fee. */
    public function shown(): ?Terms
    {
        return Terms::fromArray($this->get('shown'));
    }

    public function keepShown(?Terms $terms): void
    {
        $this->set(['shown' => $terms?->toArray()]);
    }

    /** Which state of the cart an order was placed in that is not paid yet. */
    public function placed(): ?string
    {
        $placed = $this->get('placed');

        return is_string($placed) ? $placed : null;
    }

    public function keepPlaced(string $state): void
    {
        $this->set(['placed' => $state]);
    }

    /** Another id for the same shopper's cart; the yes stays. */
    public function beginAnotherCart(): void
    {
        $this->set(['cart' => null, 'answer' => null, 'placed' => null]);
    }

    /** Why a yes was dropped, to be said beside the box. */
    public function notice(): string
    {
        return (string) ($this->get('notice') ?? '');
    }

    public function keepNotice(string $why): void
    {
        $this->set(['notice' => '' === $why ? null : $why]);
    }

    public function forget(): void
    {
        if (WC()->session && null !== WC()->session->get(self::KEY)) {
            WC()->session->set(self::KEY, null);
        }
    }

    private function get(string $name): mixed
    {
        $all = WC()->session ? WC()->session->get(self::KEY) : null;

        return is_array($all) ? $all[$name] ?? null : null;
    }

    /** @param array<string, mixed> $changes */
    private function set(array $changes): void
    {
        if (!WC()->session) {
            return;
        }
        $all = WC()->session->get(self::KEY);
        $all = is_array($all) ? $all : [];
        $changed = array_filter(array_merge($all, $changes), static fn ($value) => null !== $value);
        if ($changed !== $all) {
            WC()->session->set(self::KEY, $changed);
        }
    }
}
