<?php

// From the storefront's words by tools/translate_woocommerce.py; do not edit.
return [
    'domain' => 'orderguard-for-woocommerce',
    'language' => 'fi',
    'messages' => [
        'Order protection' => 'Tilausturva',
        'Optional' => 'Valinnainen',
        'Covers the return of items in this order.' => 'Kattaa tämän tilauksen tuotteiden palautuksen.',
        'Covers loss, theft and damage during shipping.' => 'Kattaa katoamisen, varkauden ja vauriot kuljetuksen aikana.',
        'Covers returns, and loss, theft and damage during shipping.' => 'Kattaa palautukset sekä katoamisen, varkauden ja vauriot kuljetuksen aikana.',
        'What is covered has changed with your cart. Tick the box if you still want protection.' => 'Turvan kattavuus on muuttunut ostoskorin mukana. Valitse ruutu, jos haluat turvan edelleen.',
        'The price has changed with your cart. Tick the box if you still want protection.' => 'Hinta on muuttunut ostoskorin mukana. Valitse ruutu, jos haluat turvan edelleen.',
        'Protection is available again. Tick the box if you still want it.' => 'Turva on taas saatavilla. Valitse ruutu, jos haluat sen edelleen.',
        'Order protection now costs {price}.' => 'Tilausturva maksaa nyt {price}.',
        'Order protection is no longer available and has been removed from your order.' => 'Tilausturva ei ole enää saatavilla, ja se on poistettu tilauksestasi.',
        'Please check the total and place your order again.' => 'Tarkista loppusumma ja lähetä tilaus uudelleen.',
    ],
];
