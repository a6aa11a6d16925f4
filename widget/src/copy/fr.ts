import type { Words } from './language.ts';

const words: Words = {
  language: 'fr',
  title: 'Protection de la commande',
  optional: 'Facultatif',
  return: 'Couvre le retour des articles de cette commande.',
  shipping: 'Couvre la perte, le vol et les dommages pendant la livraison.',
  both: 'Couvre les retours, ainsi que la perte, le vol et les dommages pendant la livraison.',
  modesChanged: 'L’étendue de la protection a changé avec votre panier. Cochez la case si vous la souhaitez toujours.',
  priceRose: 'Le prix a changé avec votre panier. Cochez la case si vous souhaitez toujours la protection.',
  interrupted: 'La protection est de nouveau disponible. Cochez la case si vous la souhaitez toujours.',
  newPrice: 'La protection de la commande coûte maintenant {price}.',
  gone: 'La protection de la commande n’est plus disponible et a été retirée de votre commande.',
};

export default words;
