<?php

declare(strict_types=1);

namespace Orderguard\WooCommerce;

defined('ABSPATH') || exit;

/** Where in the shop this request is. Orderguard is asked in the cart and the checkout, and nowhere else. */
final class Place
{
    private bool $isPlacing = false;
    private bool $isAsked = false;

    /** Runs before every REST callback, those inside a batch included. */
    public function noteRequest(mixed $response, mixed $handler, mixed $request): mixed
    {
        if ($request instanceof \WP_REST_Request) {
            $isCheckout = preg_match('#^/wc/store(/v1)?/checkout(/|$)#', $request->get_route());
            $this->isPlacing = $this->isPlacing || ($isCheckout && 'POST' === $request->get_method());
        }

        return $response;
    }

    public function notePlacing(): void
    {
        $this->isPlacing = true;
    }

    /** The checkout's own script asks for the offer. */
    public function noteAsked(): void
    {
        $this->isAsked = true;
    }

    /** The shopper has pressed "Place order": the charge is decided now. */
    public function isPlacing(): bool
    {
        return $this->isPlacing;
    }

    public function mayAsk(): bool
    {
        if ($this->isPlacing || $this->isAsked) {
            return true;
        }
        if (wp_doing_ajax()) {
            $call = isset($_REQUEST['wc-ajax']) ? sanitize_key(wp_unslash($_REQUEST['wc-ajax'])) : ''; // phpcs:ignore WordPress.Security.NonceVerification
            return in_array($call, ['update_order_review', 'checkout', 'update_shipping_method', 'apply_coupon', 'remove_coupon'], true);
        }
        if (defined('REST_REQUEST') && REST_REQUEST) {
            return $this->comesFromCheckout();
        }

        // A page with the Block checkout gets its data while PHP draws it; there the browser asks afterwards.
        return did_action('wp') && (is_checkout() || is_cart()) && !$this->hasBlock();
    }

    private function comesFromCheckout(): bool
    {
        $referer = wp_get_raw_referer();
        if (!$referer) {
            return false;
        }
        $page = static fn (string $url) => [
            untrailingslashit((string) wp_parse_url($url, PHP_URL_PATH)),
            preg_replace('/&.*/', '', (string) wp_parse_url($url, PHP_URL_QUERY)),
        ];
        $pages = [$page(wc_get_checkout_url()), $page(wc_get_cart_url())];

        return in_array($page($referer), $pages, true);
    }

    private function hasBlock(): bool
    {
        return has_block('woocommerce/checkout') || has_block('woocommerce/cart');
    }
}
