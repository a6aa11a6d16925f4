<?php

// From the storefront's words by tools/translate_woocommerce.py; do not edit.
return [
    'domain' => 'orderguard-for-woocommerce',
    'language' => 'he_IL',
    'messages' => [
        'Order protection' => 'הגנה על ההזמנה',
        'Optional' => 'לא חובה',
        'Covers the return of items in this order.' => 'מכסה החזרה של פריטים מהזמנה זו.',
        'Covers loss, theft and damage during shipping.' => 'מכסה אובדן, גניבה ונזק במהלך המשלוח.',
        'Covers returns, and loss, theft and damage during shipping.' => 'מכסה החזרות, וכן אובדן, גניבה ונזק במהלך המשלוח.',
        'What is covered has changed with your cart. Tick the box if you still want protection.' => 'הכיסוי השתנה עם סל הקניות. יש לסמן את התיבה אם ההגנה עדיין רצויה.',
        'The price has changed with your cart. Tick the box if you still want protection.' => 'המחיר השתנה עם סל הקניות. יש לסמן את התיבה אם ההגנה עדיין רצויה.',
        'Protection is available again. Tick the box if you still want it.' => 'ההגנה זמינה שוב. יש לסמן את התיבה אם היא עדיין רצויה.',
        'Order protection now costs {price}.' => 'מחיר ההגנה על ההזמנה הוא כעת {price}.',
        'Order protection is no longer available and has been removed from your order.' => 'ההגנה על ההזמנה אינה זמינה עוד והוסרה מהזמנתך.',
        'Please check the total and place your order again.' => 'נא לבדוק את הסכום הכולל ולשלוח את ההזמנה שוב.',
    ],
];
