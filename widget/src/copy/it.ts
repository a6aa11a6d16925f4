import type { Words } from './language.ts';

const words: Words = {
  language: 'it',
  title: 'Protezione dell’ordine',
  optional: 'Facoltativa',
  return: 'Copre il reso degli articoli di questo ordine.',
  shipping: 'Copre smarrimento, furto e danni durante la spedizione.',
  both: 'Copre i resi, e smarrimento, furto e danni durante la spedizione.',
  modesChanged: 'La copertura è cambiata con il carrello. Selezioni la casella se desidera ancora la protezione.',
  priceRose: 'Il prezzo è cambiato con il carrello. Selezioni la casella se desidera ancora la protezione.',
  interrupted: 'La protezione è di nuovo disponibile. Selezioni la casella se la desidera ancora.',
  newPrice: 'La protezione dell’ordine ora costa {price}.',
  gone: 'La protezione dell’ordine non è più disponibile ed è stata rimossa dall’ordine.',
};

export default words;
