/** `serve`: who may ask, from where, and what a page of another origin comes to. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LastStart, LiveState } from '../../src/web/api/api-types.js';
import { runCli } from '../support/cli.js';
import { listenLive, type Server, startServer } from '../support/serving.js';
import { createWarehouse, type Warehouse } from '../support/warehouse.js';

const TOKEN = 'a-token-of-our-own-12345';

let warehouse: Warehouse;
beforeAll(async () => {
  warehouse = await createWarehouse({}, [{ ids: [1], days: 30 }]);
});
afterAll(() => warehouse?.drop());

describe('on 127.0.0.1, reading only', () => {
  let server: Server;
  beforeAll(async () => {
    server = await startServer([], { url: warehouse.urls.reader });
  });
  afterAll(() => server?.stop());

  test('asks for no token, prints none, and says where it is', () => {
    expect(server.said()).toMatch(
      /^Dashboard: http:\/\/127\.0\.0\.1:\d+\/ {2}\(reads only; Ctrl-C ends it\)\n$/,
    );
    expect(server.token).toBeNull();
  });

  test.each(['/api/health', '/api/nothing', '/api/runs/zz', '/', '/metrics', '/api/live'])(
    '%s: nothing inline, nothing from elsewhere, in no frame',
    async (path) => {
      const { headers } = await (path === '/api/live' ? headersOfStream(server) : server.ask(path));
      const policy = String(headers['content-security-policy']);
      expect(policy).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
          "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      );
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(headers['access-control-allow-origin']).toBeUndefined();
    },
  );

  test.each(['evil.example', 'evil.example:4747', '127.0.0.1.evil.example', '10.0.0.1', 'localhost.'])(
    'the name "%s" is refused: it is not ours',
    async (host) => {
      const { status, body } = await server.ask('/api/freshness', { headers: { host } });
      expect(status, body).toBe(403);
      expect(JSON.parse(body)).toMatchObject({ kind: 'forbidden' });
    },
  );

  test.each(['127.0.0.1', 'localhost', 'LOCALHOST:1234', '[::1]:80'])(
    'the name "%s" is ours',
    async (host) => {
      expect((await server.ask('/api/health', { headers: { host } })).status).toBe(200);
    },
  );

  test('nothing can be started, whatever is sent', async () => {
    const { status, body } = await server.ask('/api/runs', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
      body: '{"target":"all","ids":null}',
    });
    expect([status, JSON.parse(body).error]).toEqual([
      403,
      'this server starts nothing: begin it with --allow-run',
    ]);
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS'])
      expect((await server.ask('/api/runs', { method })).status).toBe(404);
    expect(await warehouse.query('select from refresh_run')).toEqual([]);
  });

  test('a second one on the same port: one sentence', async () => {
    const port = new URL(server.url).port;
    const end = await runCli(['serve', '--port', port], { env: { TARGET_DB_URL: warehouse.urls.reader } });
    expect(end).toMatchObject({
      code: 2,
      stdout: `port ${port} of 127.0.0.1 is taken: name another with --port, 0 for any free one\n`,
    });
  });
});

async function headersOfStream(server: Server) {
  const controller = new AbortController();
  const response = await fetch(new URL('/api/live', server.url), { signal: controller.signal });
  controller.abort();
  return { headers: Object.fromEntries(response.headers) as Record<string, string> };
}

describe('on every address', () => {
  let server: Server;
  beforeAll(async () => {
    server = await startServer(['--host', '0.0.0.0'], { url: warehouse.urls.reader });
  });
  afterAll(() => server?.stop());
  const bearer = () => ({ authorization: `Bearer ${server.token}` });

  test('a token is made and printed; without it nothing is shown', async () => {
    expect(server.token).toMatch(/^[\w-]{32}$/);
    for (const path of ['/api/health', '/api/freshness', '/metrics', '/api/live', '/api/nothing', '/']) {
      const { status, body } = await server.ask(path);
      expect([path, status, JSON.parse(body).kind]).toEqual([path, 401, 'unauthorized']);
    }
    for (const wrong of ['', 'x', `${server.token}x`, server.token?.slice(1) ?? ''])
      expect(
        (await server.ask('/api/health', { headers: { authorization: `Bearer ${wrong}` } })).status,
      ).toBe(401);
    expect((await server.ask('/api/health', { headers: bearer() })).status).toBe(200);
    expect((await server.ask(`/api/health?token=${server.token}`)).status).toBe(401);
  });

  test('people log in by a form without a script; the cookie is no token', async () => {
    const turned = await server.ask('/runs', { headers: { accept: 'text/html' } });
    expect([turned.status, turned.headers.location]).toEqual([303, '/login']);
    const form = await server.ask('/login');
    expect(form.body).toContain('type="password"');
    expect(form.body).not.toContain('<script');
    const send = (token: string, headers: Record<string, string> = {}) =>
      server.ask('/login', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: new URLSearchParams({ token }).toString(),
      });
    const wrong = await send('nonsense');
    expect([wrong.status, wrong.headers['set-cookie']]).toEqual([401, undefined]);
    expect((await send(server.token ?? '', { origin: 'http://evil.example' })).status).toBe(403);
    const right = await send(server.token ?? '', {
      origin: server.url.slice(0, -1),
      host: new URL(server.url).host,
    });
    expect([right.status, right.headers.location]).toEqual([303, '/']);
    const cookie = String(right.headers['set-cookie']);
    expect(cookie).toMatch(/^barwright=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(cookie).not.toContain(server.token);
    const value = cookie.split(';')[0] ?? '';
    expect((await server.ask('/api/health', { headers: { cookie: value } })).status).toBe(200);
    expect(
      (await server.ask('/api/health', { headers: { cookie: `barwright=${server.token}` } })).status,
    ).toBe(401);
  });

  test('addresses are ours, names are not', async () => {
    const statusOf = async (host: string) =>
      (await server.ask('/api/health', { headers: { host, ...bearer() } })).status;
    expect(await statusOf('192.168.7.7:4747')).toBe(200);
    expect(await statusOf('evil.example')).toBe(403);
  });

  test('a token of our own: long enough, and not said', async () => {
    const own = await startServer(['--host', '0.0.0.0', '--allowed-hosts', 'Dash.example'], {
      url: warehouse.urls.reader,
      env: { BARWRIGHT_TOKEN: TOKEN },
    });
    expect(own.said()).toContain('Token: the one in BARWRIGHT_TOKEN');
    expect(own.said()).not.toContain(TOKEN);
    const headers = { host: 'dash.example', authorization: `Bearer ${TOKEN}` };
    expect((await own.ask('/api/health', { headers })).status).toBe(200);
    await own.stop();
    const short = await runCli(['serve', '--host', '0.0.0.0', '--port', '0'], {
      env: { TARGET_DB_URL: warehouse.urls.reader, BARWRIGHT_TOKEN: 'short' },
    });
    expect(short).toMatchObject({
      code: 2,
      stdout: expect.stringMatching(/^BARWRIGHT_TOKEN expects 16 to 512/),
    });
  });
});

describe('--allow-run', () => {
  let server: Server;
  beforeAll(async () => {
    server = await startServer(['--allow-run'], { url: warehouse.urls.runner });
  });
  afterAll(() => server?.stop());

  const post = (headers: Record<string, string>, body = '{"target":"bars","ids":[1]}') =>
    server.ask('/api/runs', { method: 'POST', headers, body });
  const right = () => ({
    authorization: `Bearer ${server.token}`,
    'content-type': 'application/json',
    host: new URL(server.url).host,
    origin: server.url.slice(0, -1),
    'sec-fetch-site': 'same-origin',
  });

  test('pages are open, only starting takes the token', async () => {
    expect((await server.ask('/api/freshness')).status).toBe(200);
    expect((await server.get<{ isRunAllowed: boolean }>('/api/health')).isRunAllowed).toBe(true);
  });

  test.each([
    ['no token', { authorization: '' }, 401],
    ['a wrong token', { authorization: 'Bearer nonsense' }, 401],
    ['another origin', { origin: 'http://evil.example' }, 403],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }, 403],
    ['an opaque origin', { origin: 'null' }, 403],
    ['another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['the same site, another origin', { 'sec-fetch-site': 'same-site' }, 403],
    ['another name', { host: 'evil.example', origin: 'http://evil.example' }, 403],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 403],
    ['plain text', { 'content-type': 'text/plain' }, 403],
  ])('%s: refused, and nothing runs', async (_what, change, status) => {
    const answer = await post({ ...right(), ...change });
    expect(answer.status, answer.body).toBe(status);
    expect(await warehouse.query('select from refresh_run')).toEqual([]);
  });

  test.each([
    '',
    '[]',
    '{"target":"all","ids":["1"]}',
    '{"target":"--bars"}',
    '{"target":"all","schema":"x"}',
    '{"ids":[0],"target":"all"}',
  ])('a body like %s: refused with a sentence', async (body) => {
    const answer = await post(right(), body);
    expect([answer.status, JSON.parse(answer.body).kind]).toEqual([400, 'bad_request']);
  });

  test('a body without end: refused', async () => {
    expect((await post(right(), `{"target":"all","ids":[${'1,'.repeat(40_000)}1]}`)).status).toBe(400);
  });

  test('it runs, is seen running, and its end is reported; a second one waits its turn', async () => {
    const live = await listenLive(server);
    try {
      const first = await post(right());
      expect(first.status, first.body).toBe(202);
      const { pid } = JSON.parse(first.body);
      const second = await post(right());
      expect([second.status, JSON.parse(second.body).kind]).toEqual([409, 'conflict']);
      const isOver = ({ lastStart }: LiveState) => lastStart?.isRunning === false;
      const { lastStart, lastRun } = await live.until('the end of the refresh', isOver);
      expect(lastStart).toMatchObject({ target: 'bars', exitCode: 0 } satisfies Partial<LastStart>);
      expect(lastStart?.lastLine).toMatch(/^Overall: OK/);
      expect(lastRun).toMatchObject({ command: 'refresh --bars', status: 'ok' });
      const rows = await warehouse.query('select pid, options -> $1 from refresh_run', ['ids']);
      expect(rows).toEqual([[pid, [1]]]);
    } finally {
      live.close();
    }
  });
});
