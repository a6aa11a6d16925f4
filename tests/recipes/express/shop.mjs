// A shop with nothing but the recipe, in the way that the first argument names; says where it listens.
import { createServer } from 'node:http';
import express from 'express';
import { orderguardProxy } from '../../../recipes/express.mjs';

const { ORDERGUARD_URL, KEY, BUDGET_MS } = process.env;
const customerOf = (request) => (request.headers['x-logged-in'] === 'business' ? { isB2B: true } : null);
const proxy = orderguardProxy(ORDERGUARD_URL, KEY, customerOf, Number(BUDGET_MS));
const PATH = '/orderguard/analyze';

const shops = {
  express: () => express().all(PATH, proxy).listen(0, '127.0.0.1', announce),
  'express after express.json': () =>
    express().use(express.json({ limit: '256kb', strict: false })).all(PATH, proxy).listen(0, '127.0.0.1', announce),
  'node:http': () => createServer(proxy).listen(0, '127.0.0.1', announce),
};
const server = shops[process.argv[2]]();

function announce() {
  setImmediate(() => console.log(server.address().port));
}
process.stdin.on('end', () => process.exit()).resume(); // whoever started it has gone
