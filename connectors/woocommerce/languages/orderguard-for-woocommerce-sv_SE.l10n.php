<?php

// From the storefront's words by tools/translate_woocommerce.py; do not edit.
return [
    'domain' => 'orderguard-for-woocommerce',
    'language' => 'sv_SE',
    'messages' => [
        'Order protection' => 'Orderskydd',
        'Optional' => 'Valfritt',
        'Covers the return of items in this order.' => 'Täcker retur av varor i den här beställningen.',
        'Covers loss, theft and damage during shipping.' => 'Täcker förlust, stöld och skador under frakten.',
        'Covers returns, and loss, theft and damage during shipping.' => 'Täcker returer samt förlust, stöld och skador under frakten.',
        'What is covered has changed with your cart. Tick the box if you still want protection.' => 'Vad som täcks har ändrats med din varukorg. Kryssa i rutan om du fortfarande vill ha skyddet.',
        'The price has changed with your cart. Tick the box if you still want protection.' => 'Priset har ändrats med din varukorg. Kryssa i rutan om du fortfarande vill ha skyddet.',
        'Protection is available again. Tick the box if you still want it.' => 'Skyddet är tillgängligt igen. Kryssa i rutan om du fortfarande vill ha det.',
        'Order protection now costs {price}.' => 'Orderskyddet kostar nu {price}.',
        'Order protection is no longer available and has been removed from your order.' => 'Orderskyddet är inte längre tillgängligt och har tagits bort från din beställning.',
        'Please check the total and place your order again.' => 'Kontrollera totalbeloppet och lägg din beställning igen.',
    ],
];
