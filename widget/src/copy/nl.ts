import type { Words } from './language.ts';

const words: Words = {
  language: 'nl',
  title: 'Bestelbescherming',
  optional: 'Optioneel',
  return: 'Dekt het retourneren van artikelen uit deze bestelling.',
  shipping: 'Dekt verlies, diefstal en schade tijdens de verzending.',
  both: 'Dekt retouren, en verlies, diefstal en schade tijdens de verzending.',
  modesChanged: 'De dekking is veranderd met uw winkelwagen. Vink het vakje aan als u de bescherming nog steeds wilt.',
  priceRose: 'De prijs is veranderd met uw winkelwagen. Vink het vakje aan als u de bescherming nog steeds wilt.',
  interrupted: 'De bescherming is weer beschikbaar. Vink het vakje aan als u deze nog steeds wilt.',
  newPrice: 'Bestelbescherming kost nu {price}.',
  gone: 'Bestelbescherming is niet meer beschikbaar en is uit uw bestelling verwijderd.',
};

export default words;
