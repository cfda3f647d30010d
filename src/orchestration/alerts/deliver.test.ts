/** Against a real server on this machine. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, type HttpServer, startHttpServer, TAKEN } from '../../../test/support/http-server.js';
import { DELIVERY_LIMITS, deliver } from './deliver.js';

const LIMITS = { attempts: 3, requestMs: 10_000, pauseMs: 10, longestPauseMs: 1_500, totalMs: 30_000 };
/** For a server that gives no answer. */
const SHORT_REQUEST = { requestMs: 1_000 };
const MESSAGE = { text: 'bars failed', facts: {} };

let server: HttpServer;
/** How long was waited between attempts, by the clock of these tests, which does not run. */
let pauses: number[];
beforeEach(async () => {
  server = await startHttpServer();
  pauses = [];
});
afterEach(() => server.close());

function send(answers: Answer[], options: { interrupt?: AbortSignal; limits?: Partial<typeof LIMITS> } = {}) {
  server.answers = answers;
  const channel = {
    name: 'Telegram',
    url: `${server.url}/botsecret/sendMessage`,
    headers: { 'x-test': 'yes' },
    bodyOf: ({ text }: { text: string }) => ({ text }),
  };
  const { interrupt, limits } = options;
  return deliver(channel, MESSAGE, {
    limits: { ...LIMITS, ...(answers.includes('silent') && SHORT_REQUEST), ...limits },
    ...(interrupt && { interrupt }),
    pause: async (pauseMs) => {
      pauses.push(pauseMs);
    },
  });
}

describe('deliver', () => {
  test('one POST of JSON', async () => {
    expect(await send([TAKEN])).toBeNull();
    expect(server.seen).toHaveLength(1);
    expect(server.seen[0]).toMatchObject({
      method: 'POST',
      path: '/botsecret/sendMessage',
      body: { text: 'bars failed' },
      headers: { 'content-type': 'application/json', 'x-test': 'yes' },
    });
  });

  test.each([
    ['500, then 200', [{ status: 500 }, TAKEN]],
    ['503 twice, then 204', [{ status: 503 }, { status: 503 }, { status: 204 }]],
    ['a broken connection, then 200', ['reset', TAKEN]],
    ['no answer, then 200', ['silent', TAKEN]],
  ] as [string, Answer[]][])('%s: tried again until it is taken', async (_what, answers) => {
    const attempts = answers.length;
    expect(await send(answers)).toBeNull();
    expect(server.seen).toHaveLength(attempts);
    expect(pauses).toHaveLength(attempts - 1);
  });

  test.each([
    ['500', { status: 500, body: 'oops' }, 'it answered 500, oops (tried 3 times)'],
    ['no answer', 'silent', 'it gave no answer in time (tried 3 times)'],
    ['a broken connection', 'reset', 'it could not be reached (ECONNRESET) (tried 3 times)'],
  ] as [string, Answer, string][])('%s every time: three attempts, then why', async (_what, answer, why) => {
    expect(await send([answer])).toMatch(`Telegram did not take the alert: ${why}`);
    expect(server.seen).toHaveLength(3);
  });

  test.each([
    [401, '{"ok":false,"error_code":401,"description":"Unauthorized"}', 'it answered 401, Unauthorized'],
    [
      400,
      '{"ok":false,"description":"Bad Request:\\n chat not\\u0000 found"}',
      'it answered 400, Bad Request: chat not found',
    ],
    [404, 'no_service', 'it answered 404, no_service'],
    [302, '', 'it answered 302'],
  ])('%i is final: one attempt', async (status, body, why) => {
    expect(await send([{ status, body, headers: { location: '/elsewhere' } }])).toBe(
      `Telegram did not take the alert: ${why}`,
    );
    expect(server.seen.map(({ path }) => path)).toEqual(['/botsecret/sendMessage']);
  });

  test.each([
    ['the header', { status: 429, headers: { 'retry-after': '1' } }],
    ["Telegram's body", { status: 429, body: '{"ok":false,"parameters":{"retry_after":1}}' }],
  ])('429: waits as long as %s asks', async (_where, answer) => {
    expect(await send([answer, TAKEN])).toBeNull();
    expect(server.seen).toHaveLength(2);
    expect(pauses).toEqual([1_000]);
  });

  test('429 that asks for more than is waited: given up at once', async () => {
    expect(await send([{ status: 429, headers: { 'retry-after': '3600' } }])).toContain('it answered 429');
    expect(server.seen).toHaveLength(1);
  });

  test('a date in Retry-After; one in the past is now', async () => {
    const soon = new Date(Date.now() + 30_000).toUTCString();
    expect(await send([{ status: 503, headers: { 'retry-after': soon } }])).toContain('503');
    expect(server.seen).toHaveLength(1);
    const past = new Date(Date.now() - 30_000).toUTCString();
    expect(await send([{ status: 503, headers: { 'retry-after': past } }, TAKEN])).toBeNull();
    expect(pauses).toEqual([0]);
  });

  test('everything together has a bound', async () => {
    // No pause ends within it, however short it is by chance.
    const limits = { totalMs: 1_000, pauseMs: 1_400 };
    expect(await send([{ status: 500 }], { limits })).toContain('500');
    expect(server.seen).toHaveLength(1);
    const { attempts, requestMs, longestPauseMs } = DELIVERY_LIMITS;
    expect(DELIVERY_LIMITS.totalMs + requestMs).toBeLessThanOrEqual(60_000);
    expect(attempts * (requestMs + longestPauseMs)).toBeLessThan(90_000);
  });

  test('an interrupt ends the waiting', async () => {
    const interrupt = AbortSignal.timeout(50);
    const limits = { requestMs: 3_600_000, totalMs: 3_600_000 };
    expect(await send(['silent'], { interrupt, limits })).toContain('did not take the alert');
  });

  test('an endless answer is not read to its end', async () => {
    expect(await send([{ status: 400, body: 'x'.repeat(5_000_000) }])).toMatch(/it answered 400, x+/);
  });

  test('no error shows the address, which holds the token', async () => {
    await server.close();
    const broken = { name: 'Telegram', headers: {}, bodyOf: () => ({}) };
    const nowhere = await deliver({ ...broken, url: `${server.url}/botsecret` }, MESSAGE, {
      limits: LIMITS,
    });
    expect(nowhere).toBe(
      'Telegram did not take the alert: it could not be reached (ECONNREFUSED) (tried 3 times)',
    );
    const wrong = await deliver({ ...broken, url: 'http://u:secret@h:99999/' }, MESSAGE, { limits: LIMITS });
    expect(wrong).toMatch(/^Telegram did not take the alert: it could not be reached/);
    expect(wrong).not.toContain('secret');
  });
});
