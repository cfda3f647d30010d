/** Variations of breaks that were found before: requests to the dashboard that take and never give back. */
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Server, startServer } from '../support/serving.js';
import { createWarehouse, type Warehouse } from '../support/warehouse.js';

let warehouse: Warehouse;
let server: Server;
beforeAll(async () => {
  warehouse = await createWarehouse({}, []);
  server = await startServer(['--host', '0.0.0.0'], { url: warehouse.urls.reader });
});
afterAll(async () => {
  await server?.stop();
  await warehouse?.drop();
});

const bearer = () => ({ authorization: `Bearer ${server.token}` });
const answers = async () => {
  expect((await server.ask('/api/health', { headers: bearer() })).status).toBe(200);
};

test('other methods, upgrades and connections that send nothing keep no slot', async () => {
  for (let k = 0; k < 60; k += 1)
    for (const method of ['OPTIONS', 'TRACE', 'PUT', 'PATCH'])
      await server.ask('/api/live', { method, headers: bearer() });
  const { hostname, port, host } = new URL(server.url);
  const idle = await Promise.all(
    Array.from(
      { length: 120 },
      (_, k) =>
        new Promise<Socket>((resolve, reject) => {
          const open = connect(Number(port), hostname, () => {
            open.write(
              k % 2 === 0
                ? `GET /api/live HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`
                : 'GET /api/live HTTP/1.1\r\nX: ',
              () => resolve(open),
            );
          });
          open.on('error', reject);
        }),
    ),
  );
  await answers();
  for (const open of idle) open.destroy();
  await answers();
});

test('a body without end in chunks, for any method, by somebody without the token: refused before its end', async () => {
  const { hostname, port } = new URL(server.url);
  for (const method of ['GET', 'PUT', 'DELETE']) {
    const sent = await new Promise<number>((resolve, reject) => {
      const asking = request({ hostname, port, path: '/login', method, timeout: 30_000 });
      const chunk = Buffer.alloc(1 << 16, 'a');
      let count = 0;
      const pour = () => {
        while (!asking.destroyed && count < 1 << 28 && asking.write(chunk)) count += chunk.length;
        count += chunk.length;
      };
      asking.setHeader('transfer-encoding', 'chunked');
      asking.on('drain', pour);
      asking.on('response', (response) => {
        response.resume();
        response.on('end', () => asking.destroy());
      });
      asking.on('timeout', () => reject(new Error(`${method}: no answer`)));
      asking.on('close', () => resolve(count));
      asking.on('error', () => resolve(count));
      pour();
    });
    expect([method, sent < 1 << 28]).toEqual([method, true]);
  }
  await answers();
});

test('keys that every object has, in queries and cookies, and paths of many kilobytes: an answer of the fourth hundred, at once', async () => {
  const startedMs = performance.now();
  for (const path of [
    '/api/assets/1/bars?tf=__proto__&__proto__=1',
    '/api/assets/constructor',
    '/api/runs/__proto__',
    '/api/assets/1/bars?tf=constructor',
    `/api/${'%2e%2e%2f'.repeat(1500)}`,
    `/${'a/'.repeat(7000)}`,
  ]) {
    const { status } = await server.ask(path, {
      headers: { ...bearer(), cookie: '__proto__=1; barwright=constructor; toString=x' },
    });
    expect([path.slice(0, 40), status >= 400 && status < 500]).toEqual([path.slice(0, 40), true]);
  }
  expect(performance.now() - startedMs).toBeLessThan(5000);
});
