<?php

// From the storefront's words by tools/translate_woocommerce.py; do not edit.
return [
    'domain' => 'orderguard-for-woocommerce',
    'language' => 'de_CH',
    'messages' => [
        'Order protection' => 'Bestellschutz',
        'Optional' => 'Freiwillig',
        'Covers the return of items in this order.' => 'Deckt die Rücksendung von Artikeln dieser Bestellung ab.',
        'Covers loss, theft and damage during shipping.' => 'Deckt Verlust, Diebstahl und Beschädigung beim Versand ab.',
        'Covers returns, and loss, theft and damage during shipping.' => 'Deckt Rücksendungen sowie Verlust, Diebstahl und Beschädigung beim Versand ab.',
        'What is covered has changed with your cart. Tick the box if you still want protection.' => 'Der Umfang des Schutzes hat sich mit Ihrem Warenkorb geändert. Setzen Sie das Häkchen, wenn Sie ihn weiterhin möchten.',
        'The price has changed with your cart. Tick the box if you still want protection.' => 'Der Preis hat sich mit Ihrem Warenkorb geändert. Setzen Sie das Häkchen, wenn Sie den Schutz weiterhin möchten.',
        'Protection is available again. Tick the box if you still want it.' => 'Der Schutz ist wieder verfügbar. Setzen Sie das Häkchen, wenn Sie ihn weiterhin möchten.',
        'Order protection now costs {price}.' => 'Der Bestellschutz kostet jetzt {price}.',
        'Order protection is no longer available and has been removed from your order.' => 'Der Bestellschutz ist nicht mehr verfügbar und wurde aus Ihrer Bestellung entfernt.',
        'Please check the total and place your order again.' => 'Bitte prüfen Sie die Gesamtsumme und bestellen Sie noch einmal.',
    ],
];
