/** `serve` on every address: what somebody without the token can send, and what a login leaves behind. */
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listenLive, type Server, startServer } from '../support/serving.js';
import { createWarehouse, type Warehouse } from '../support/warehouse.js';

const MANY = 150;
const LIMIT_MS = 30_000;

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

async function logIn(): Promise<string> {
  const { status, headers } = await server.ask('/login', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ token: server.token ?? '' }).toString(),
  });
  expect(status).toBe(303);
  return String(headers['set-cookie']).split(';')[0] ?? '';
}

test('HEAD of the live state, and readers that go at once, keep no slot', async () => {
  const own = await startServer([], { url: warehouse.urls.reader });
  try {
    for (let k = 0; k < MANY; k++)
      expect((await own.ask('/api/live', { method: 'HEAD' })).status, `HEAD ${k}`).toBe(200);
    for (let k = 0; k < MANY; k++) await askAndGo(own);
    const live = await listenLive(own);
    await live.until('the state', () => true);
    live.close();
  } finally {
    await own.stop();
  }
});

/** Sends the request and closes the connection without waiting for the answer. */
function askAndGo({ url }: Server): Promise<void> {
  const { hostname, port, host } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(`GET /api/live HTTP/1.1\r\nHost: ${host}\r\n\r\n`, () => {
        socket.destroy();
        resolve();
      });
    });
    socket.on('error', reject);
  });
}

test.each(['/login', '/logout', '/api/runs', '/nothing'])(
  'a body without end to %s, by somebody without the token: refused before its end',
  async (path) => {
    const { status, sent } = await sendForEver(path);
    expect([400, 413], `sent ${sent}`).toContain(status);
    // What the system had buffered; the body itself would have gone on.
    expect(sent).toBeLessThan(64 << 20);
  },
);

/** Writes a body in chunks until the server has had enough. */
function sendForEver(path: string): Promise<{ status: number; sent: number }> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const asking = request({ hostname, port, path, method: 'POST', headers, timeout: LIMIT_MS });
    const chunk = Buffer.alloc(1 << 16, 'a');
    let sent = 0;
    let status = 0;
    const pour = () => {
      while (!asking.destroyed && asking.write(chunk)) sent += chunk.length;
      sent += chunk.length;
    };
    asking.on('drain', pour);
    asking.on('response', (response) => {
      status = response.statusCode ?? 0;
      response.resume();
    });
    asking.on('timeout', () => asking.destroy(new Error(`${path} keeps taking the body`)));
    asking.on('close', () => resolve({ status, sent }));
    asking.on('error', (error: NodeJS.ErrnoException) => {
      // The server has closed the connection, as it should.
      if (!['EPIPE', 'ECONNRESET'].includes(error.code ?? '')) reject(error);
    });
    pour();
  });
}

test('logging out ends the login at the server: a copy of the cookie opens nothing', async () => {
  const [cookie, other] = [await logIn(), await logIn()];
  const statusOf = async (value: string) =>
    (await server.ask('/api/health', { headers: { cookie: value } })).status;
  expect([await statusOf(cookie), await statusOf(other)]).toEqual([200, 200]);
  expect((await server.ask('/login', { headers: { cookie } })).body).toContain('action="/logout"');
  const post = (headers: Record<string, string>) =>
    server.ask('/logout', { method: 'POST', headers: { cookie, ...headers } });
  expect((await post({ origin: 'http://evil.example' })).status).toBe(403);
  expect(await statusOf(cookie)).toBe(200);
  const { status, headers } = await post({});
  expect([status, headers.location, String(headers['set-cookie'])]).toEqual([
    303,
    '/login',
    expect.stringMatching(/^barwright=; Max-Age=0/),
  ]);
  expect([await statusOf(cookie), await statusOf(other)]).toEqual([401, 200]);
});

test('a login does not outlive the server that gave it', async () => {
  const env = { BARWRIGHT_TOKEN: 'a-token-of-our-own-12345' };
  const begin = () => startServer(['--host', '0.0.0.0'], { url: warehouse.urls.reader, env });
  const headersOf = async (one: Server) => {
    const body = new URLSearchParams({ token: env.BARWRIGHT_TOKEN }).toString();
    const asked = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body };
    const { headers } = await one.ask('/login', asked);
    return { cookie: String(headers['set-cookie']).split(';')[0] ?? '' };
  };
  const first = await begin();
  const headers = await headersOf(first);
  expect((await first.ask('/api/health', { headers })).status).toBe(200);
  await first.stop();
  const second = await begin();
  try {
    expect((await second.ask('/api/health', { headers })).status).toBe(401);
  } finally {
    await second.stop();
  }
});

test('a request that is begun and never ended is closed', async () => {
  const { hostname, port, host } = new URL(server.url);
  const said = await new Promise<string>((resolve, reject) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => {
      socket.write(
        `POST /login HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\nto`,
      );
    });
    socket.setTimeout(LIMIT_MS, () => socket.destroy(new Error('the server waits for ever')));
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
  expect(said).toMatch(/^HTTP\/1\.1 (408|400)/);
});

test('with the token itself everything goes on', async () => {
  expect((await server.ask('/api/health', { headers: bearer() })).status).toBe(200);
});
