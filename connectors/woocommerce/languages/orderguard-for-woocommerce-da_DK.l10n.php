<?php

// From the storefront's words by tools/translate_woocommerce.py; do not edit.
return [
    'domain' => 'orderguard-for-woocommerce',
    'language' => 'da_DK',
    'messages' => [
        'Order protection' => 'Ordrebeskyttelse',
        'Optional' => 'Valgfrit',
        'Covers the return of items in this order.' => 'Dækker returnering af varer i denne ordre.',
        'Covers loss, theft and damage during shipping.' => 'Dækker tab, tyveri og skader under forsendelsen.',
        'Covers returns, and loss, theft and damage during shipping.' => 'Dækker returneringer samt tab, tyveri og skader under forsendelsen.',
        'What is covered has changed with your cart. Tick the box if you still want protection.' => 'Dækningen er ændret med din kurv. Sæt kryds, hvis du stadig ønsker beskyttelsen.',
        'The price has changed with your cart. Tick the box if you still want protection.' => 'Prisen er ændret med din kurv. Sæt kryds, hvis du stadig ønsker beskyttelsen.',
        'Protection is available again. Tick the box if you still want it.' => 'Beskyttelsen er tilgængelig igen. Sæt kryds, hvis du stadig ønsker den.',
        'Order protection now costs {price}.' => 'Ordrebeskyttelsen koster nu {price}.',
        'Order protection is no longer available and has been removed from your order.' => 'Ordrebeskyttelsen er ikke længere tilgængelig og er fjernet fra din ordre.',
        'Please check the total and place your order again.' => 'Kontrollér venligst det samlede beløb, og afgiv din bestilling igen.',
    ],
];
