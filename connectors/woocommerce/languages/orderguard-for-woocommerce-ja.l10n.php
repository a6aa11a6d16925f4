<?php

// From the storefront's words by tools/translate_woocommerce.py; do not edit.
return [
    'domain' => 'orderguard-for-woocommerce',
    'language' => 'ja',
    'messages' => [
        'Order protection' => '注文の補償',
        'Optional' => '任意',
        'Covers the return of items in this order.' => 'このご注文の商品の返品を補償します。',
        'Covers loss, theft and damage during shipping.' => '配送中の紛失、盗難、破損を補償します。',
        'Covers returns, and loss, theft and damage during shipping.' => '返品と、配送中の紛失、盗難、破損を補償します。',
        'What is covered has changed with your cart. Tick the box if you still want protection.' => 'カートの変更により補償の内容が変わりました。引き続きご希望の場合はチェックを入れてください。',
        'The price has changed with your cart. Tick the box if you still want protection.' => 'カートの変更により料金が変わりました。引き続きご希望の場合はチェックを入れてください。',
        'Protection is available again. Tick the box if you still want it.' => '補償を再びご利用いただけます。引き続きご希望の場合はチェックを入れてください。',
        'Order protection now costs {price}.' => '注文の補償の料金は{price}になりました。',
        'Order protection is no longer available and has been removed from your order.' => '注文の補償はご利用いただけなくなり、ご注文から削除されました。',
        'Please check the total and place your order again.' => '合計金額をご確認のうえ、もう一度ご注文ください。',
    ],
];
