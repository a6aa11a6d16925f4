import type { Words } from './language.ts';

const words: Words = {
  language: 'da',
  title: 'Ordrebeskyttelse',
  optional: 'Valgfrit',
  return: 'Dækker returnering af varer i denne ordre.',
  shipping: 'Dækker tab, tyveri og skader under forsendelsen.',
  both: 'Dækker returneringer samt tab, tyveri og skader under forsendelsen.',
  modesChanged: 'Dækningen er ændret med din kurv. Sæt kryds, hvis du stadig ønsker beskyttelsen.',
  priceRose: 'Prisen er ændret med din kurv. Sæt kryds, hvis du stadig ønsker beskyttelsen.',
  interrupted: 'Beskyttelsen er tilgængelig igen. Sæt kryds, hvis du stadig ønsker den.',
  newPrice: 'Ordrebeskyttelsen koster nu {price}.',
  gone: 'Ordrebeskyttelsen er ikke længere tilgængelig og er fjernet fra din ordre.',
};

export default words;
