#!/usr/bin/env node
import { createServer } from 'node:http';

import { createApp, readConfig } from '../src/index.js';

const MINUTE_MS = 60_000;

let config;
try {
  config = readConfig(process.env);
} catch (error) {
  console.error(error.message);
  process.exit(2);
}
const app = await createApp(config);
const server = createServer(app.handle);
server.requestTimeout = 30_000;
server.listen(config.port, config.host, () => console.log(`Listening on http://${config.host}:${server.address().port}`));

let round = app.tick();
const clock = setInterval(() => {
  round = round.then(() => app.tick());
}, MINUTE_MS);

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    clearInterval(clock);
    server.close(() => round.then(() => process.exit(0)));
    server.closeIdleConnections();
  });
}
