import type { Words } from './language.ts';

const words: Words = {
  language: 'de',
  title: 'Bestellschutz',
  optional: 'Freiwillig',
  return: 'Deckt die Rücksendung von Artikeln dieser Bestellung ab.',
  shipping: 'Deckt Verlust, Diebstahl und Beschädigung beim Versand ab.',
  both: 'Deckt Rücksendungen sowie Verlust, Diebstahl und Beschädigung beim Versand ab.',
  modesChanged: 'Der Umfang des Schutzes hat sich mit Ihrem Warenkorb geändert. Setzen Sie das Häkchen, wenn Sie ihn weiterhin möchten.',
  priceRose: 'Der Preis hat sich mit Ihrem Warenkorb geändert. Setzen Sie das Häkchen, wenn Sie den Schutz weiterhin möchten.',
  interrupted: 'Der Schutz ist wieder verfügbar. Setzen Sie das Häkchen, wenn Sie ihn weiterhin möchten.',
  newPrice: 'Der Bestellschutz kostet jetzt {price}.',
  gone: 'Der Bestellschutz ist nicht mehr verfügbar und wurde aus Ihrer Bestellung entfernt.',
};

export default words;
