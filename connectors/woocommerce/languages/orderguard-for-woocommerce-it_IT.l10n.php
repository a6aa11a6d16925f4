<?php

// From the storefront's words by tools/translate_woocommerce.py; do not edit.
return [
    'domain' => 'orderguard-for-woocommerce',
    'language' => 'it_IT',
    'messages' => [
        'Order protection' => 'Protezione dell’ordine',
        'Optional' => 'Facoltativa',
        'Covers the return of items in this order.' => 'Copre il reso degli articoli di questo ordine.',
        'Covers loss, theft and damage during shipping.' => 'Copre smarrimento, furto e danni durante la spedizione.',
        'Covers returns, and loss, theft and damage during shipping.' => 'Copre i resi, e smarrimento, furto e danni durante la spedizione.',
        'What is covered has changed with your cart. Tick the box if you still want protection.' => 'La copertura è cambiata con il carrello. Selezioni la casella se desidera ancora la protezione.',
        'The price has changed with your cart. Tick the box if you still want protection.' => 'Il prezzo è cambiato con il carrello. Selezioni la casella se desidera ancora la protezione.',
        'Protection is available again. Tick the box if you still want it.' => 'La protezione è di nuovo disponibile. Selezioni la casella se la desidera ancora.',
        'Order protection now costs {price}.' => 'La protezione dell’ordine ora costa {price}.',
        'Order protection is no longer available and has been removed from your order.' => 'La protezione dell’ordine non è più disponibile ed è stata rimossa dall’ordine.',
        'Please check the total and place your order again.' => 'Controlli il totale e invii di nuovo l\'ordine.',
    ],
];
