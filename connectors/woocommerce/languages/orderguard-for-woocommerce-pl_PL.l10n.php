<?php

// From the storefront's words by tools/translate_woocommerce.py; do not edit.
return [
    'domain' => 'orderguard-for-woocommerce',
    'language' => 'pl_PL',
    'messages' => [
        'Order protection' => 'Ochrona zamówienia',
        'Optional' => 'Opcjonalnie',
        'Covers the return of items in this order.' => 'Obejmuje zwrot produktów z tego zamówienia.',
        'Covers loss, theft and damage during shipping.' => 'Obejmuje utratę, kradzież i uszkodzenie podczas wysyłki.',
        'Covers returns, and loss, theft and damage during shipping.' => 'Obejmuje zwroty oraz utratę, kradzież i uszkodzenie podczas wysyłki.',
        'What is covered has changed with your cart. Tick the box if you still want protection.' => 'Zakres ochrony zmienił się wraz z koszykiem. Zaznacz pole, jeśli nadal jej chcesz.',
        'The price has changed with your cart. Tick the box if you still want protection.' => 'Cena zmieniła się wraz z koszykiem. Zaznacz pole, jeśli nadal chcesz ochrony.',
        'Protection is available again. Tick the box if you still want it.' => 'Ochrona jest znowu dostępna. Zaznacz pole, jeśli nadal jej chcesz.',
        'Order protection now costs {price}.' => 'Ochrona zamówienia kosztuje teraz {price}.',
        'Order protection is no longer available and has been removed from your order.' => 'Ochrona zamówienia nie jest już dostępna i została usunięta z zamówienia.',
        'Please check the total and place your order again.' => 'Sprawdź łączną kwotę i złóż zamówienie ponownie.',
    ],
];
