<?php

// From the storefront's words by tools/translate_woocommerce.py; do not edit.
return [
    'domain' => 'orderguard-for-woocommerce',
    'language' => 'nb_NO',
    'messages' => [
        'Order protection' => 'Ordrebeskyttelse',
        'Optional' => 'Valgfritt',
        'Covers the return of items in this order.' => 'Dekker retur av varer i denne bestillingen.',
        'Covers loss, theft and damage during shipping.' => 'Dekker tap, tyveri og skader under frakten.',
        'Covers returns, and loss, theft and damage during shipping.' => 'Dekker returer samt tap, tyveri og skader under frakten.',
        'What is covered has changed with your cart. Tick the box if you still want protection.' => 'Dekningen er endret med handlekurven. Kryss av hvis du fortsatt ønsker beskyttelsen.',
        'The price has changed with your cart. Tick the box if you still want protection.' => 'Prisen er endret med handlekurven. Kryss av hvis du fortsatt ønsker beskyttelsen.',
        'Protection is available again. Tick the box if you still want it.' => 'Beskyttelsen er tilgjengelig igjen. Kryss av hvis du fortsatt ønsker den.',
        'Order protection now costs {price}.' => 'Ordrebeskyttelsen koster nå {price}.',
        'Order protection is no longer available and has been removed from your order.' => 'Ordrebeskyttelsen er ikke lenger tilgjengelig og er fjernet fra bestillingen.',
        'Please check the total and place your order again.' => 'Kontroller totalsummen, og legg inn bestillingen på nytt.',
    ],
];
