import type { Words } from './language.ts';

const words: Words = {
  language: 'fi',
  title: 'Tilausturva',
  optional: 'Valinnainen',
  return: 'Kattaa tämän tilauksen tuotteiden palautuksen.',
  shipping: 'Kattaa katoamisen, varkauden ja vauriot kuljetuksen aikana.',
  both: 'Kattaa palautukset sekä katoamisen, varkauden ja vauriot kuljetuksen aikana.',
  modesChanged: 'Turvan kattavuus on muuttunut ostoskorin mukana. Valitse ruutu, jos haluat turvan edelleen.',
  priceRose: 'Hinta on muuttunut ostoskorin mukana. Valitse ruutu, jos haluat turvan edelleen.',
  interrupted: 'Turva on taas saatavilla. Valitse ruutu, jos haluat sen edelleen.',
  newPrice: 'Tilausturva maksaa nyt {price}.',
  gone: 'Tilausturva ei ole enää saatavilla, ja se on poistettu tilauksestasi.',
};

export default words;
