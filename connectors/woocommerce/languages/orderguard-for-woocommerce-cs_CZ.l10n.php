<?php

// From the storefront's words by tools/translate_woocommerce.py; do not edit.
return [
    'domain' => 'orderguard-for-woocommerce',
    'language' => 'cs_CZ',
    'messages' => [
        'Order protection' => 'Ochrana objednávky',
        'Optional' => 'Volitelné',
        'Covers the return of items in this order.' => 'Kryje vrácení zboží z této objednávky.',
        'Covers loss, theft and damage during shipping.' => 'Kryje ztrátu, krádež a poškození během přepravy.',
        'Covers returns, and loss, theft and damage during shipping.' => 'Kryje vrácení zboží a ztrátu, krádež a poškození během přepravy.',
        'What is covered has changed with your cart. Tick the box if you still want protection.' => 'Rozsah ochrany se změnil spolu s košíkem. Zaškrtněte políčko, pokud ji stále chcete.',
        'The price has changed with your cart. Tick the box if you still want protection.' => 'Cena se změnila spolu s košíkem. Zaškrtněte políčko, pokud ochranu stále chcete.',
        'Protection is available again. Tick the box if you still want it.' => 'Ochrana je opět dostupná. Zaškrtněte políčko, pokud ji stále chcete.',
        'Order protection now costs {price}.' => 'Ochrana objednávky nyní stojí {price}.',
        'Order protection is no longer available and has been removed from your order.' => 'Ochrana objednávky již není dostupná a byla z objednávky odebrána.',
        'Please check the total and place your order again.' => 'Zkontrolujte prosím celkovou částku a odešlete objednávku znovu.',
    ],
];
