<?php

declare(strict_types=1);

/* For shops without Composer. PSR-18 and PSR-17 come with the shop's HTTP client. */
spl_autoload_register(static function (string $class): void {
    foreach (['Orderguard\\Core\\' => 'core', 'Orderguard\\' => 'src'] as $prefix => $folder) {
        if (str_starts_with($class, $prefix)) {
            $file = __DIR__ . "/$folder/" . str_replace('\\', '/', substr($class, strlen($prefix))) . '.php';
            if (is_file($file)) {
                require $file;

                return;
            }
        }
    }
});
