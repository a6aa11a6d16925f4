import { openShop } from './pretend_shop.mjs';

const { url } = await openShop({ port: 8320 });
console.log(`The shop is open at ${url} (add lamps until the offer changes and goes)`);
