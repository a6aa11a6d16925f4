<?php

// From the storefront's words by tools/translate_woocommerce.py; do not edit.
return [
    'domain' => 'orderguard-for-woocommerce',
    'language' => 'ar',
    'messages' => [
        'Order protection' => 'حماية الطلب',
        'Optional' => 'اختياري',
        'Covers the return of items in this order.' => 'تغطي إرجاع منتجات هذا الطلب.',
        'Covers loss, theft and damage during shipping.' => 'تغطي الفقدان والسرقة والتلف أثناء الشحن.',
        'Covers returns, and loss, theft and damage during shipping.' => 'تغطي الإرجاع، والفقدان والسرقة والتلف أثناء الشحن.',
        'What is covered has changed with your cart. Tick the box if you still want protection.' => 'تغيّرت التغطية مع تغيّر سلتك. ضع علامة في المربع إذا كنت لا تزال ترغب في الحماية.',
        'The price has changed with your cart. Tick the box if you still want protection.' => 'تغيّر السعر مع تغيّر سلتك. ضع علامة في المربع إذا كنت لا تزال ترغب في الحماية.',
        'Protection is available again. Tick the box if you still want it.' => 'الحماية متاحة من جديد. ضع علامة في المربع إذا كنت لا تزال ترغب فيها.',
        'Order protection now costs {price}.' => 'سعر حماية الطلب الآن {price}.',
        'Order protection is no longer available and has been removed from your order.' => 'لم تعد حماية الطلب متاحة وأُزيلت من طلبك.',
        'Please check the total and place your order again.' => 'يُرجى التحقق من المبلغ الإجمالي وتقديم طلبك مرة أخرى.',
    ],
];
