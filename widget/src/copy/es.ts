import type { Words } from './language.ts';

const words: Words = {
  language: 'es',
  title: 'Protección del pedido',
  optional: 'Opcional',
  return: 'Cubre la devolución de artículos de este pedido.',
  shipping: 'Cubre pérdida, robo y daños durante el envío.',
  both: 'Cubre devoluciones, y pérdida, robo y daños durante el envío.',
  modesChanged: 'La cobertura ha cambiado con su carrito. Marque la casilla si todavía desea la protección.',
  priceRose: 'El precio ha cambiado con su carrito. Marque la casilla si todavía desea la protección.',
  interrupted: 'La protección vuelve a estar disponible. Marque la casilla si todavía la desea.',
  newPrice: 'La protección del pedido cuesta ahora {price}.',
  gone: 'La protección del pedido ya no está disponible y se ha quitado de su pedido.',
};

export default words;
