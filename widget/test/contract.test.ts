/** The contract cases: whatever the server promises to answer, the offer is shown or hidden rightly. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { offerFromWire } from '../src/offer.ts';
import { initialState, nextState, type OfferState } from '../src/offer_state.ts';
import { anAnswer, aRefusal } from './examples.ts';

interface Expectation {
  readonly status: number;
  readonly body?: Record<string, unknown>;
}
interface Case {
  readonly name: string;
  readonly steps: ReadonlyArray<{
    readonly send: { readonly method: string; readonly path: string };
    readonly expect: Expectation;
  }>;
}

const FOLDER = '../contract/analyze';
const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'));

for (const file of files) {
  const { cases } = JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8')) as { cases: Case[] };
  for (const { name, steps } of cases) {
    test(`${file}: ${name}`, () => {
      let state = initialState();
      for (const { send, expect } of steps.filter(({ send }) => send.method === 'POST')) {
        state = nextState(state, { name: 'cart_changed' });
        state = answered(state, expect);
        checkView(state, expect, `${send.path} ${expect.status}`);
      }
    });
  }
}

test('the reasons of the contract are all there', () => {
  assert.ok(files.filter((file) => file.startsWith('reasons')).length >= 16);
});

function answered(state: OfferState, { status, body }: Expectation): OfferState {
  const { request } = state;
  const offer = status === 200 ? offerFromWire(anExample(body)) : null;
  return nextState(
    state,
    offer ? { name: 'answered', request, offer } : { name: 'failed', request, reason: `http_${status}` },
  );
}

function checkView({ view }: OfferState, { status, body }: Expectation, where: string): void {
  if (status !== 200) return assert.deepEqual(view, { name: 'hidden', reason: `http_${status}` }, where);
  if (body?.eligible === false) {
    assert.ok(view.name === 'hidden', where);
    return assert.equal(view.reason, body.reason ?? view.reason, where);
  }
  assert.ok(view.name === 'shown', where);
  assert.equal(view.accepted, false);
  if (body?.mode) assert.deepEqual(view.offer.mode, body.mode);
  const expected = body?.chargeInstructions as { amount?: number } | undefined;
  if (expected?.amount) assert.equal(view.offer.chargeInstructions.amount, expected.amount);
}

/** A body that meets the expectation: what it leaves open is filled from an ordinary answer. */
function anExample(expected: Record<string, unknown> = {}): unknown {
  const ordinary: Record<string, unknown> = expected.eligible === false ? aRefusal() : anAnswer();
  const missing = (expected.$absent ?? []) as string[];
  const members = Object.entries({ ...ordinary, ...expected }).filter(([key]) => !key.startsWith('$'));
  return Object.fromEntries(
    members
      .filter(([key]) => !missing.includes(key))
      .map(([key, value]) => [key, isOpen(value) ? ordinary[key] : withoutInstructions(value, ordinary[key])]),
  );
}

/** `$any`, `$matches`, `$capture` and `$use` stand for a value that only a server can tell. */
function isOpen(value: unknown): boolean {
  return isObject(value) && ['$any', '$matches', '$capture', '$use'].some((key) => key in value);
}

function withoutInstructions(value: unknown, ordinary: unknown): unknown {
  if (!isObject(value)) return value;
  const members = Object.entries(value).filter(([key]) => !key.startsWith('$'));
  const open = members.filter(([, member]) => !isOpen(member));
  return { ...(isObject(ordinary) ? ordinary : {}), ...Object.fromEntries(open) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
