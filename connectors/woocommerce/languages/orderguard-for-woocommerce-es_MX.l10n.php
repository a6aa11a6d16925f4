<?php

// From the storefront's words by tools/translate_woocommerce.py; do not edit.
return [
    'domain' => 'orderguard-for-woocommerce',
    'language' => 'es_MX',
    'messages' => [
        'Order protection' => 'Protección del pedido',
        'Optional' => 'Opcional',
        'Covers the return of items in this order.' => 'Cubre la devolución de artículos de este pedido.',
        'Covers loss, theft and damage during shipping.' => 'Cubre pérdida, robo y daños durante el envío.',
        'Covers returns, and loss, theft and damage during shipping.' => 'Cubre devoluciones, y pérdida, robo y daños durante el envío.',
        'What is covered has changed with your cart. Tick the box if you still want protection.' => 'La cobertura ha cambiado con su carrito. Marque la casilla si todavía desea la protección.',
        'The price has changed with your cart. Tick the box if you still want protection.' => 'El precio ha cambiado con su carrito. Marque la casilla si todavía desea la protección.',
        'Protection is available again. Tick the box if you still want it.' => 'La protección vuelve a estar disponible. Marque la casilla si todavía la desea.',
        'Order protection now costs {price}.' => 'La protección del pedido cuesta ahora {price}.',
        'Order protection is no longer available and has been removed from your order.' => 'La protección del pedido ya no está disponible y se ha quitado de su pedido.',
        'Please check the total and place your order again.' => 'Compruebe el total y vuelva a realizar el pedido.',
    ],
];
