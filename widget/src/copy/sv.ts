import type { Words } from './language.ts';

const words: Words = {
  language: 'sv',
  title: 'Orderskydd',
  optional: 'Valfritt',
  return: 'Täcker retur av varor i den här beställningen.',
  shipping: 'Täcker förlust, stöld och skador under frakten.',
  both: 'Täcker returer samt förlust, stöld och skador under frakten.',
  modesChanged: 'Vad som täcks har ändrats med din varukorg. Kryssa i rutan om du fortfarande vill ha skyddet.',
  priceRose: 'Priset har ändrats med din varukorg. Kryssa i rutan om du fortfarande vill ha skyddet.',
  interrupted: 'Skyddet är tillgängligt igen. Kryssa i rutan om du fortfarande vill ha det.',
  newPrice: 'Orderskyddet kostar nu {price}.',
  gone: 'Orderskyddet är inte längre tillgängligt och har tagits bort från din beställning.',
};

export default words;
