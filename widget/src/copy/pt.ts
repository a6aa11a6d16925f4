import type { Words } from './language.ts';

const words: Words = {
  language: 'pt',
  title: 'Proteção do pedido',
  optional: 'Opcional',
  return: 'Cobre a devolução de artigos deste pedido.',
  shipping: 'Cobre perda, roubo e danos durante o envio.',
  both: 'Cobre devoluções, e perda, roubo e danos durante o envio.',
  modesChanged: 'A cobertura mudou com o seu carrinho. Marque a caixa se ainda quiser a proteção.',
  priceRose: 'O preço mudou com o seu carrinho. Marque a caixa se ainda quiser a proteção.',
  interrupted: 'A proteção está disponível novamente. Marque a caixa se ainda a quiser.',
  newPrice: 'A proteção do pedido custa agora {price}.',
  gone: 'A proteção do pedido já não está disponível e foi retirada do seu pedido.',
};

export default words;
