import type { Words } from './language.ts';

const words: Words = {
  language: 'pl',
  title: 'Ochrona zamówienia',
  optional: 'Opcjonalnie',
  return: 'Obejmuje zwrot produktów z tego zamówienia.',
  shipping: 'Obejmuje utratę, kradzież i uszkodzenie podczas wysyłki.',
  both: 'Obejmuje zwroty oraz utratę, kradzież i uszkodzenie podczas wysyłki.',
  modesChanged: 'Zakres ochrony zmienił się wraz z koszykiem. Zaznacz pole, jeśli nadal jej chcesz.',
  priceRose: 'Cena zmieniła się wraz z koszykiem. Zaznacz pole, jeśli nadal chcesz ochrony.',
  interrupted: 'Ochrona jest znowu dostępna. Zaznacz pole, jeśli nadal jej chcesz.',
  newPrice: 'Ochrona zamówienia kosztuje teraz {price}.',
  gone: 'Ochrona zamówienia nie jest już dostępna i została usunięta z zamówienia.',
};

export default words;
