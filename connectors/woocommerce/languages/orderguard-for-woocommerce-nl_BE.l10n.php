<?php

// From the storefront's words by tools/translate_woocommerce.py; do not edit.
return [
    'domain' => 'orderguard-for-woocommerce',
    'language' => 'nl_BE',
    'messages' => [
        'Order protection' => 'Bestelbescherming',
        'Optional' => 'Optioneel',
        'Covers the return of items in this order.' => 'Dekt het retourneren van artikelen uit deze bestelling.',
        'Covers loss, theft and damage during shipping.' => 'Dekt verlies, diefstal en schade tijdens de verzending.',
        'Covers returns, and loss, theft and damage during shipping.' => 'Dekt retouren, en verlies, diefstal en schade tijdens de verzending.',
        'What is covered has changed with your cart. Tick the box if you still want protection.' => 'De dekking is veranderd met uw winkelwagen. Vink het vakje aan als u de bescherming nog steeds wilt.',
        'The price has changed with your cart. Tick the box if you still want protection.' => 'De prijs is veranderd met uw winkelwagen. Vink het vakje aan als u de bescherming nog steeds wilt.',
        'Protection is available again. Tick the box if you still want it.' => 'De bescherming is weer beschikbaar. Vink het vakje aan als u deze nog steeds wilt.',
        'Order protection now costs {price}.' => 'Bestelbescherming kost nu {price}.',
        'Order protection is no longer available and has been removed from your order.' => 'Bestelbescherming is niet meer beschikbaar en is uit uw bestelling verwijderd.',
        'Please check the total and place your order again.' => 'Controleer het totaalbedrag en plaats uw bestelling opnieuw.',
    ],
];
