<?php

declare(strict_types=1);

namespace Orderguard\WooCommerce;

use Orderguard\Core\Terms;

defined('ABSPATH') || exit;

/**
 * The box of the classic checkout. It is part of what WooCommerce redraws after every update: a row of the order
 * table, or an element of its own with a fragment of its own. WooCommerce's script sends the form when it is ticked.
 */
final class ClassicBox
{
    public function __construct(
        private readonly Settings $settings,
        private readonly Offers $offers,
        private readonly Choice $choice,
    ) {
    }

    public function enqueueStyle(): void
    {
        if (is_checkout()) {
            wp_enqueue_style('orderguard', plugins_url('assets/orderguard.css', ORDERGUARD_FILE), [], ORDERGUARD_VERSION);
        }
    }

    /** Runs with every update, before WooCommerce knows the new address and rate: so nothing is asked here. */
    public function noteForm(mixed $form): void
    {
        parse_str(is_string($form) ? $form : '', $fields);
        $this->note($fields);
    }

    /** Runs when the order is placed. WooCommerce has checked the form's nonce. */
    public function notePost(): void
    {
        $this->note(wp_unslash($_POST)); // phpcs:ignore WordPress.Security.NonceVerification
    }

    public function printRow(): void
    {
        if (Settings::IN_TOTALS === $this->settings->place) {
            $box = $this->box();
            if ('' !== $box) {
                echo '<tr class="orderguard-row"><td colspan="2">' . wp_kses($box, self::allowed()) . '</td></tr>';
            }
        }
    }

    public function printElement(): void
    {
        if (Settings::ABOVE_PAYMENT === $this->settings->place && !wp_doing_ajax()) {
            echo wp_kses($this->element(), self::allowed());
        }
    }

    /** @param mixed $fragments */
    public function addFragment(mixed $fragments): mixed
    {
        if (is_array($fragments) && Settings::ABOVE_PAYMENT === $this->settings->place) {
            $fragments['#orderguard-offer'] = wp_kses($this->element(), self::allowed());
        }

        return $fragments;
    }

    /** @param array<mixed> $fields */
    private function note(array $fields): void
    {
        if (is_string($fields['orderguard_shown'] ?? null)) {
            $this->choice->note('yes' === ($fields['orderguard'] ?? ''), sanitize_text_field($fields['orderguard_shown']));
        }
    }

    /** The element stays when it is empty, so that a later update finds its place. */
    private function element(): string
    {
        return '<div id="orderguard-offer">' . $this->box() . '</div>';
    }

    private function box(): string
    {
        $cart = WC()->cart;
        $offer = $cart ? $this->offers->current($cart) ?: null : null;
        $isAccepted = null !== $this->choice->holdsFor($offer);
        $notice = Words::notice($this->choice->notice(), $offer);
        $said = '' === $notice ? '' : '<p class="orderguard-notice" role="status">' . esc_html($notice) . '</p>';
        if (!$offer) {
            return '' === $said ? '' : '<div class="orderguard-box">' . $said . '</div>';
        }

        return '<div class="orderguard-box update_totals_on_change">'
            . '<input type="hidden" name="orderguard_shown" value="' . esc_attr($offer->token()) . '">'
            . '<label class="orderguard-label"><input type="checkbox" name="orderguard" value="yes" aria-describedby="orderguard-about"'
            . ($isAccepted ? ' checked="checked"' : '') . '> <span class="orderguard-title">' . esc_html(Words::title())
            . '</span> <span class="orderguard-optional">(' . esc_html(Words::optional()) . ')</span> <span class="orderguard-price">'
            . Words::price($offer) . $this->taxSuffix() . '</span></label>'
            . '<p class="orderguard-about" id="orderguard-about">' . esc_html(Words::about($offer)) . '</p>' . $said . '</div>';
    }

    private function taxSuffix(): string
    {
        $isOnTop = Settings::NOT_TAXED !== $this->settings->taxClass && wc_tax_enabled() && !CartReader::isTaxIncluded();

        return $isOnTop ? ' <small>' . esc_html(WC()->countries->ex_tax_or_vat()) . '</small>' : '';
    }

    /** @return array<string, array<string, bool>> */
    private static function allowed(): array
    {
        $common = ['class' => true, 'id' => true, 'role' => true];

        return [
            'div' => $common,
            'p' => $common,
            'span' => $common,
            'bdi' => [],
            'small' => [],
            'label' => $common,
            'input' => ['type' => true, 'name' => true, 'value' => true, 'checked' => true, 'aria-describedby' => true],
        ];
    }
}
