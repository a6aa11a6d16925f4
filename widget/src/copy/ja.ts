import type { Words } from './language.ts';

const words: Words = {
  language: 'ja',
  title: '注文の補償',
  optional: '任意',
  return: 'このご注文の商品の返品を補償します。',
  shipping: '配送中の紛失、盗難、破損を補償します。',
  both: '返品と、配送中の紛失、盗難、破損を補償します。',
  modesChanged: 'カートの変更により補償の内容が変わりました。引き続きご希望の場合はチェックを入れてください。',
  priceRose: 'カートの変更により料金が変わりました。引き続きご希望の場合はチェックを入れてください。',
  interrupted: '補償を再びご利用いただけます。引き続きご希望の場合はチェックを入れてください。',
  newPrice: '注文の補償の料金は{price}になりました。',
  gone: '注文の補償はご利用いただけなくなり、ご注文から削除されました。',
};

export default words;
