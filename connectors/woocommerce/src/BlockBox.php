<?php

declare(strict_types=1);

namespace Orderguard\WooCommerce;

use Automattic\WooCommerce\StoreApi\Schemas\V1\CartSchema;

defined('ABSPATH') || exit;

/** The box of the Block checkout: an inner block, data in every answer of the Store API, and a callback for the tick. */
final class BlockBox
{
    public const NAMESPACE = 'orderguard';

    public function __construct(
        private readonly Settings $settings,
        private readonly Offers $offers,
        private readonly Choice $choice,
        private readonly Place $place,
    ) {
    }

    public function extendStoreApi(): void
    {
        if (!function_exists('woocommerce_store_api_register_endpoint_data')) {
            return;
        }
        woocommerce_store_api_register_endpoint_data([
            'endpoint' => CartSchema::IDENTIFIER,
            'namespace' => self::NAMESPACE,
            'data_callback' => [$this, 'data'],
            'schema_callback' => [$this, 'schema'],
            'schema_type' => ARRAY_A,
        ]);
        woocommerce_store_api_register_update_callback([
            'namespace' => self::NAMESPACE,
            'callback' => [$this, 'update'],
        ]);
    }

    public function register(mixed $registry): void
    {
        if ($registry instanceof \Automattic\WooCommerce\Blocks\Integrations\IntegrationRegistry) {
            $registry->register(new BlockIntegration($this->settings));
        }
    }

    /** The editor knows the inner block by its type, so that the merchant sees it in its place. */
    public function registerType(): void
    {
        BlockIntegration::registerScript();
        register_block_type(dirname(ORDERGUARD_FILE) . '/blocks/offer', [
            'parent' => [BlockIntegration::parentOf($this->settings)],
        ]);
    }

    /** @param mixed $data what the browser sent: `ask`, or a tick with the terms that it showed */
    public function update(mixed $data): void
    {
        $this->place->noteAsked();
        if (is_array($data) && 'choose' === ($data['action'] ?? '')) {
            $shown = is_string($data['shown'] ?? null) ? $data['shown'] : '';
            $this->choice->note(true === ($data['yes'] ?? null), $shown);
        }
    }

    /** What the script draws. @return array<string, mixed> */
    public function data(): array
    {
        $cart = WC()->cart;
        $current = $cart ? $this->offers->current($cart) : null;
        $offer = $current ?: null;
        $isAccepted = false !== $current && null !== $this->choice->holdsFor($offer);

        return [
            'known' => false !== $current,
            'offer' => $offer ? [
                'shown' => $offer->token(),
                'title' => Words::title(),
                'optional' => Words::optional(),
                'price' => Words::plainPrice($offer),
                'about' => Words::about($offer),
            ] : null,
            'checked' => $isAccepted,
            'notice' => false === $current ? '' : Words::notice($this->choice->notice(), $offer),
        ];
    }

    /** @return array<string, mixed> */
    public function schema(): array
    {
        $member = static fn (string $type, string $about) => [
            'description' => $about,
            'type' => $type,
            'context' => ['view', 'edit'],
            'readonly' => true,
        ];

        return [
            'known' => $member('boolean', 'Whether Orderguard was asked about this cart.'),
            'offer' => ['type' => ['object', 'null']] + $member('object', 'The offer to show, if there is one.'),
            'checked' => $member('boolean', 'Whether the shopper accepted the offer.'),
            'notice' => $member('string', 'Why an earlier choice does not count any more.'),
        ];
    }
}
