/** A loopback server in the place of the shop's proxy; a test says how it answers. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

export interface Received {
  readonly headers: IncomingMessage['headers'];
  // What was sent is what the test is about, so it may look anywhere in it.
  readonly body: any;
}

export interface Answer {
  readonly status?: number;
  readonly body?: unknown;
  /** Sent byte for byte instead of `body`. */
  readonly text?: string;
  readonly delayMs?: number;
  /** Headers and half a body, then silence. */
  readonly stalls?: boolean;
  readonly dropsConnection?: boolean;
}

export async function aShopProxy(t: TestContext, answerTo: (received: Received, number: number) => Answer) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
    received.push({ headers: request.headers, body });
    await respond(request, response, answerTo(received.at(-1)!, received.length));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}/analyze`, received };
}

async function respond(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  if (answer.delayMs) await pause(answer.delayMs);
  if (answer.dropsConnection) return void request.socket.destroy();
  const text = answer.text ?? JSON.stringify(answer.body);
  response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' });
  if (answer.stalls) return void response.write(text.slice(0, text.length / 2));
  response.end(text);
}
