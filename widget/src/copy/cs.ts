import type { Words } from './language.ts';

const words: Words = {
  language: 'cs',
  title: 'Ochrana objednávky',
  optional: 'Volitelné',
  return: 'Kryje vrácení zboží z této objednávky.',
  shipping: 'Kryje ztrátu, krádež a poškození během přepravy.',
  both: 'Kryje vrácení zboží a ztrátu, krádež a poškození během přepravy.',
  modesChanged: 'Rozsah ochrany se změnil spolu s košíkem. Zaškrtněte políčko, pokud ji stále chcete.',
  priceRose: 'Cena se změnila spolu s košíkem. Zaškrtněte políčko, pokud ochranu stále chcete.',
  interrupted: 'Ochrana je opět dostupná. Zaškrtněte políčko, pokud ji stále chcete.',
  newPrice: 'Ochrana objednávky nyní stojí {price}.',
  gone: 'Ochrana objednávky již není dostupná a byla z objednávky odebrána.',
};

export default words;
