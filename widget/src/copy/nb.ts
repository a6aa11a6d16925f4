import type { Words } from './language.ts';

const words: Words = {
  language: 'nb',
  title: 'Ordrebeskyttelse',
  optional: 'Valgfritt',
  return: 'Dekker retur av varer i denne bestillingen.',
  shipping: 'Dekker tap, tyveri og skader under frakten.',
  both: 'Dekker returer samt tap, tyveri og skader under frakten.',
  modesChanged: 'Dekningen er endret med handlekurven. Kryss av hvis du fortsatt ønsker beskyttelsen.',
  priceRose: 'Prisen er endret med handlekurven. Kryss av hvis du fortsatt ønsker beskyttelsen.',
  interrupted: 'Beskyttelsen er tilgjengelig igjen. Kryss av hvis du fortsatt ønsker den.',
  newPrice: 'Ordrebeskyttelsen koster nå {price}.',
  gone: 'Ordrebeskyttelsen er ikke lenger tilgjengelig og er fjernet fra bestillingen.',
};

export default words;
