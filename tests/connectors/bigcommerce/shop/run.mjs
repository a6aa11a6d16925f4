// The app from its tarball, with a clock that tests move, and an address by which they tell it what to do.
import { createServer } from 'node:http';

import { createApp } from '@orderguard/bigcommerce';

const given = JSON.parse(process.env.APP);
let late = 0;
const now = () => Date.now() + late;
const log = (text) => console.error(text);
const server = createServer((request, response) => app.handle(request, response));
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const url = given.url ?? `http://127.0.0.1:${server.address().port}`;
const patience = { offerMs: 20_000, orderMs: 20_000 };
let app;
const begin = (options) => createApp({ ...given, url }, { now, log, sleep: () => Promise.resolve(), ...options });
app = await begin(patience);

const commands = {
  age: (ms) => void (late = ms ? late + ms : 0),
  // As in shops, unless told otherwise; afterwards the app has forgotten what was in its memory.
  timeouts: async (offerMs, orderMs) => void (app = await begin(offerMs ? { offerMs, orderMs } : patience)),
  servers: async (...servers) => void (app = await createApp({ ...given, url, servers }, { now, log, sleep: () => Promise.resolve(), ...patience })),
  restart: async () => void (app = await begin(patience)),
  run_queue: (store) => app.queue.run(store),
  sweep: async (store) => [await app.queue.sweep(store), await app.queue.run(store)],
  round: (store) => app.round(store),
  waiting: (store) => app.stores.waiting(store),
};

const control = createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const { do: name, with: given_ } = JSON.parse(Buffer.concat(parts).toString());
  try {
    response.end(JSON.stringify({ answer: (await commands[name](...given_)) ?? null }));
  } catch (error) {
    response.writeHead(500).end(error.stack);
  }
});
control.listen(0, '127.0.0.1', () => console.log(`READY http://127.0.0.1:${server.address().port} http://127.0.0.1:${control.address().port}`));
