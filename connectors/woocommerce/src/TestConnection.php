<?php

declare(strict_types=1);

namespace Orderguard\WooCommerce;

use Orderguard\Core\Answer;
use Orderguard\Core\CartRequest;
use Orderguard\Core\Currencies;
use Orderguard\Core\Money;
use Orderguard\Core\Push;
use Orderguard\Core\Terms;

defined('ABSPATH') || exit;

/** The Test button: sends a cart with the values in the form, and names the fault in words. */
final class TestConnection
{
    private const SECONDS = 5;

    /** Answers admin-ajax with a list of steps, each `{ok, text}`. */
    public static function answer(): void
    {
        check_ajax_referer('orderguard_test', 'nonce');
        if (!current_user_can('manage_woocommerce')) {
            wp_send_json_error([], 403);
        }
        $kept = Settings::load();
        $posted = static fn (string $name) => isset($_POST[$name]) ? trim(sanitize_text_field(wp_unslash($_POST[$name]))) : '';
        [$address, $problem] = Settings::readAddress($posted('url'));
        if ('' !== $problem) {
            wp_send_json_success([self::step(false, SettingsPage::explainAddress($problem))]);
        }
        $tried = new Settings($address ?: $kept->url, $posted('cart_key') ?: $kept->cartKey, $posted('orders_key') ?: $kept->ordersKey);
        wp_send_json_success((new self($tried))->steps());
    }

    private readonly Server $server;

    public function __construct(private readonly Settings $settings)
    {
        $this->server = new Server($settings, new Health());
    }

    /** @return list<array{ok: bool, text: string}> */
    public function steps(): array
    {
        $missing = $this->settings->missing();
        if ($missing) {
            /* translators: %s: a list such as "the cart key". */
            return [self::step(false, sprintf(__('Fill in %s first.', 'orderguard-for-woocommerce'), implode(', ', $missing)))];
        }
        [$status, $body, $error] = $this->server->send('GET', '/readyz', '', null, self::SECONDS);
        if (200 !== $status) {
            $why = Health::explain($status, '') . ('' === $error ? '' : " ($error)");

            return [self::step(false, $why)];
        }

        return [
            self::step(true, __('The server answers.', 'orderguard-for-woocommerce')),
            $this->tryCartKey(),
            $this->tryOrdersKey(),
        ];
    }

    /** @return array{ok: bool, text: string} */
    private function tryCartKey(): array
    {
        $currency = get_woocommerce_currency();
        if (!Settings::isCurrencyKnown($currency)) {
            /* translators: %s: a currency code such as IRT. */
            return self::step(false, sprintf(__('Orderguard cannot count in %s, the currency of this shop.', 'orderguard-for-woocommerce'), $currency));
        }
        [$status, $body] = $this->server->send('POST', '/v1/analyze', $this->settings->cartKey, self::sample($currency), self::SECONDS);
        $answer = 200 === $status ? Answer::read($body) : null;
        if (!$answer) {
            /* translators: %s: a sentence. */
            return self::step(false, sprintf(__('Cart key: %s', 'orderguard-for-woocommerce'), Health::explain($status, Push::sentence($status, $body))));
        }
        if ($answer->offer) {
            /* translators: %s: a price. */
            return self::step(true, sprintf(__('The cart key works. A sample cart would be offered protection for %s.', 'orderguard-for-woocommerce'), Words::plainPrice($answer->offer)));
        }

        return self::step(!in_array($answer->reason, ['configuration_missing', 'order_protection_disabled', 'currency_not_supported'], true), self::explainReason($answer->reason, $currency));
    }

    private static function explainReason(string $reason, string $currency): string
    {
        return match ($reason) {
            'configuration_missing' => __('The cart key works, but this merchant has published no configuration in Orderguard yet, so no cart gets an offer.', 'orderguard-for-woocommerce'),
            'order_protection_disabled' => __('The cart key works, but protection is switched off in Orderguard.', 'orderguard-for-woocommerce'),
            /* translators: %s: a currency code. */
            'currency_not_supported' => sprintf(__('The cart key works, but the configuration in Orderguard has no prices in %s.', 'orderguard-for-woocommerce'), $currency),
            /* translators: %s: a reason such as cart_total_too_low. */
            default => sprintf(__('The cart key works. The sample cart gets no offer (%s); others may.', 'orderguard-for-woocommerce'), $reason),
        };
    }

    /** @return array{ok: bool, text: string} */
    private function tryOrdersKey(): array
    {
        [$status, $body] = $this->server->send('GET', '/api/v1/orders?limit=1', $this->settings->ordersKey, null, self::SECONDS);
        if (200 === $status && is_array($body)) {
            return self::step(true, __('The orders key works.', 'orderguard-for-woocommerce'));
        }
        [$swapped] = $this->server->send('GET', '/api/v1/orders?limit=1', $this->settings->cartKey, null, self::SECONDS);
        if (401 === $status && 200 === $swapped) {
            return self::step(false, __('The two keys are swapped: the one entered as cart key is the orders key.', 'orderguard-for-woocommerce'));
        }

        /* translators: %s: a sentence. */
        return self::step(false, sprintf(__('Orders key: %s', 'orderguard-for-woocommerce'), Health::explain($status, Push::sentence($status, $body))));
    }

    /** One piece for 50 whole units of the currency. @return array<string, mixed> */
    private static function sample(string $currency): array
    {
        $amount = 50 * 10 ** (int) Currencies::exponent($currency);
        $line = ['id' => 'test', 'productId' => 'test', 'title' => 'Test', 'quantity' => 1, 'totalPrice' => $amount, 'originalTotalPrice' => $amount, 'requiresShipping' => true];

        return CartRequest::body('woocommerce', $currency, [$line], 0, ['SHIPPING'], [
            'region' => CartRequest::region(WC()->countries->get_base_country(), ''),
            'cartId' => 'wc-test-' . get_current_blog_id(),
            'offerOrigin' => 'connection_test',
        ]);
    }

    /** @return array{ok: bool, text: string} */
    private static function step(bool $isOk, string $text): array
    {
        return ['ok' => $isOk, 'text' => $text];
    }
}
