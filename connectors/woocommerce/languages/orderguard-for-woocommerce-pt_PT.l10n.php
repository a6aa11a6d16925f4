<?php

// From the storefront's words by tools/translate_woocommerce.py; do not edit.
return [
    'domain' => 'orderguard-for-woocommerce',
    'language' => 'pt_PT',
    'messages' => [
        'Order protection' => 'Proteção do pedido',
        'Optional' => 'Opcional',
        'Covers the return of items in this order.' => 'Cobre a devolução de artigos deste pedido.',
        'Covers loss, theft and damage during shipping.' => 'Cobre perda, roubo e danos durante o envio.',
        'Covers returns, and loss, theft and damage during shipping.' => 'Cobre devoluções, e perda, roubo e danos durante o envio.',
        'What is covered has changed with your cart. Tick the box if you still want protection.' => 'A cobertura mudou com o seu carrinho. Marque a caixa se ainda quiser a proteção.',
        'The price has changed with your cart. Tick the box if you still want protection.' => 'O preço mudou com o seu carrinho. Marque a caixa se ainda quiser a proteção.',
        'Protection is available again. Tick the box if you still want it.' => 'A proteção está disponível novamente. Marque a caixa se ainda a quiser.',
        'Order protection now costs {price}.' => 'A proteção do pedido custa agora {price}.',
        'Order protection is no longer available and has been removed from your order.' => 'A proteção do pedido já não está disponível e foi retirada do seu pedido.',
        'Please check the total and place your order again.' => 'Verifique o total e volte a fazer a encomenda.',
    ],
];
