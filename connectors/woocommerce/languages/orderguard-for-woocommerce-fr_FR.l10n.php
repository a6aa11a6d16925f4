<?php

// From the storefront's words by tools/translate_woocommerce.py; do not edit.
return [
    'domain' => 'orderguard-for-woocommerce',
    'language' => 'fr_FR',
    'messages' => [
        'Order protection' => 'Protection de la commande',
        'Optional' => 'Facultatif',
        'Covers the return of items in this order.' => 'Couvre le retour des articles de cette commande.',
        'Covers loss, theft and damage during shipping.' => 'Couvre la perte, le vol et les dommages pendant la livraison.',
        'Covers returns, and loss, theft and damage during shipping.' => 'Couvre les retours, ainsi que la perte, le vol et les dommages pendant la livraison.',
        'What is covered has changed with your cart. Tick the box if you still want protection.' => 'L’étendue de la protection a changé avec votre panier. Cochez la case si vous la souhaitez toujours.',
        'The price has changed with your cart. Tick the box if you still want protection.' => 'Le prix a changé avec votre panier. Cochez la case si vous souhaitez toujours la protection.',
        'Protection is available again. Tick the box if you still want it.' => 'La protection est de nouveau disponible. Cochez la case si vous la souhaitez toujours.',
        'Order protection now costs {price}.' => 'La protection de la commande coûte maintenant {price}.',
        'Order protection is no longer available and has been removed from your order.' => 'La protection de la commande n’est plus disponible et a été retirée de votre commande.',
        'Please check the total and place your order again.' => 'Veuillez vérifier le total et valider à nouveau votre commande.',
    ],
];
