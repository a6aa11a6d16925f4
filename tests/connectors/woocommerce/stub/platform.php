<?php
// Interfaces and classes of WooCommerce's namespaces that a plugin meets.

namespace Automattic\WooCommerce\Utilities {
    final class OrderUtil
    {
        public static function custom_orders_table_usage_is_enabled(): bool
        {
            return true;
        }
    }

    final class FeaturesUtil
    {
        private static array $declared = [];

        public static function declare_compatibility(string $feature, string $file, bool $is_compatible = true): bool
        {
            self::$declared[$feature][plugin_basename($file)] = $is_compatible;
            return true;
        }

        public static function get_compatible_plugins_for_feature(string $feature): array
        {
            return ['compatible' => array_keys(array_filter(self::$declared[$feature] ?? []))];
        }
    }
}

namespace Automattic\WooCommerce\StoreApi\Schemas\V1 {
    final class CartSchema
    {
        public const IDENTIFIER = 'cart';
    }
}

namespace Automattic\WooCommerce\StoreApi\Exceptions {
    class RouteException extends \Exception
    {
        public function __construct(private string $error_code, string $message, int $status = 400)
        {
            parent::__construct($message, $status);
        }

        public function getErrorCode(): string
        {
            return $this->error_code;
        }
    }
}

namespace Automattic\WooCommerce\Blocks\Integrations {
    interface IntegrationInterface
    {
        public function get_name();
        public function initialize();
        public function get_script_handles();
        public function get_editor_script_handles();
        public function get_script_data();
    }

    final class IntegrationRegistry
    {
        /** @var list<IntegrationInterface> */
        public array $registered = [];

        public function register(IntegrationInterface $integration): bool
        {
            $this->registered[] = $integration;
            $integration->initialize();
            return true;
        }
    }
}
