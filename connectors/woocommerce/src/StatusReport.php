<?php

declare(strict_types=1);

namespace Orderguard\WooCommerce;

defined('ABSPATH') || exit;

/** Rows of WooCommerce > Status. Labels for support are English; keys are never shown. */
final class StatusReport
{
    public function __construct(private readonly Settings $settings, private readonly Health $health)
    {
    }

    public function print(): void
    {
        echo '<table class="wc_status_table widefat" cellspacing="0"><thead><tr>'
            . '<th colspan="3" data-export-label="Orderguard"><h2>' . esc_html__('Orderguard', 'orderguard-for-woocommerce') . '</h2></th>'
            . '</tr></thead><tbody>';
        foreach ($this->rows() as [$label, $exported, $value]) {
            echo '<tr><td data-export-label="' . esc_attr($exported) . '">' . esc_html($label) . ':</td>'
                . '<td class="help"></td><td>' . esc_html($value) . '</td></tr>';
        }
        echo '</tbody></table>';
    }

    /** @return list<array{0: string, 1: string, 2: string}> label, label for support, value */
    public function rows(): array
    {
        $rows = [
            [__('Version', 'orderguard-for-woocommerce'), 'Version', ORDERGUARD_VERSION],
            [__('Server', 'orderguard-for-woocommerce'), 'Server', $this->settings->url ?: '–'],
            [__('Settings', 'orderguard-for-woocommerce'), 'Settings', $this->settings->isComplete()
                ? __('complete', 'orderguard-for-woocommerce')
                : sprintf(
                    /* translators: %s: a list such as "the cart key". */
                    __('missing: %s', 'orderguard-for-woocommerce'),
                    implode(', ', $this->settings->missing()),
                )],
            [__('Currency', 'orderguard-for-woocommerce'), 'Currency', $this->currency()],
            [__('Offers', 'orderguard-for-woocommerce'), 'Offers', $this->health('offers')],
            [__('Orders', 'orderguard-for-woocommerce'), 'Orders', $this->health('orders')],
        ];
        if ($this->settings->isComplete()) {
            $rows[] = [__('Orders waiting to be reported', 'orderguard-for-woocommerce'), 'Waiting', $this->counted(Sweep::waiting())];
            $rows[] = [__('Orders refused by Orderguard', 'orderguard-for-woocommerce'), 'Refused', $this->counted(Sweep::refused())];
        }

        return $rows;
    }

    private function counted(int $count): string
    {
        return $count < Sweep::AT_ONCE ? (string) $count : $count . '+';
    }

    private function currency(): string
    {
        $currency = get_woocommerce_currency();

        return Settings::isCurrencyKnown($currency) ? $currency : sprintf(
            /* translators: %s: a currency code such as IRT. */
            __('%s is not in ISO 4217, so nothing is offered and no order in it is reported', 'orderguard-for-woocommerce'),
            $currency,
        );
    }

    private function health(string $where): string
    {
        $failure = $this->health->failure($where);
        $success = $this->health->lastSuccess($where);
        $time = static fn (int $at) => wp_date(get_option('date_format') . ' ' . get_option('time_format'), $at);
        if ($failure) {
            /* translators: 1: a sentence, 2: date and time. */
            return sprintf(__('failing since %2$s: %1$s', 'orderguard-for-woocommerce'), $failure['why'], $time($failure['since']));
        }

        return $success
            /* translators: %s: date and time. */
            ? sprintf(__('working, last on %s', 'orderguard-for-woocommerce'), $time($success))
            : __('nothing has been sent yet', 'orderguard-for-woocommerce');
    }
}
