/** `schedule` as a process: its rounds, one at a time, its bounds, what it tells, and how it ends. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../support/cli.js';
import { createDesk, type Desk } from '../support/desk.js';
import { type HttpServer, startHttpServer } from '../support/http-server.js';
import { HEADER, line } from '../support/ingest.js';
import { holdTable, waitForWaiter } from '../support/locks.js';
import { isAlive, listDescendants, waitFor, watchArguments } from '../support/processes.js';
import { apiQuote } from '../support/quotes.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const FILE = 'Bitcoin_3_1_2025-3_9_2025_historical_data_coinmarketcap.csv';
/** Tests begin rounds by hand: none is due by itself meanwhile. */
const NEVER_NOW = ['--cron', '0 0 29 2 *'] as const;
let warehouse: Warehouse;
let hook: HttpServer;
let desk: Desk;

beforeAll(async () => {
  warehouse = await createWarehouse({}, [{ ids: [52], days: 30 }]);
});
afterAll(() => warehouse?.drop());
beforeEach(async () => {
  hook = await startHttpServer();
  desk = createDesk({
    TARGET_DB_URL: warehouse.urls.runner,
    BARWRIGHT_ALERT_WEBHOOK: `${hook.url}/hook`,
    BARWRIGHT_PING_URL: `${hook.url}/ping-secret`,
    BARWRIGHT_LOCK_TIMEOUT_MS: '1000',
  });
  await warehouse.execute('truncate refresh_run, alert_log cascade');
});
afterEach(async () => {
  await hook.close();
  desk.clear();
});

/** Starts a schedule; `ended` is its end, `waitFor` waits for words of it, `stop` sends SIGTERM. */
function start(args: readonly string[], env: Record<string, string> = {}) {
  let said = '';
  let pid = 0;
  const ended = desk.run(['schedule', ...args], {
    env,
    timeoutMs: 90_000,
    onStart: (started) => {
      pid = started;
    },
    onStdout: (text) => {
      said = text;
    },
  });
  return {
    ended,
    pid: () => pid,
    said: () => said,
    stop: () => process.kill(pid, 'SIGTERM'),
    waitFor: (words: string) => waitFor(words, () => (said.includes(words) ? said : null)),
  };
}

const requests = (path: string) => hook.seen.filter((request) => request.path === path);
const listRuns = () => warehouse.query<[string]>('select status from refresh_run order by started_at');

test('a round ingests, refreshes, validates and asks the dead-man; it ends with 0 when nothing is running', async () => {
  mkdirSync(join(desk.folder, 'prices'));
  writeFileSync(join(desk.folder, 'prices', FILE), [HEADER, line(9), line(8), line(7)].join('\n'));
  const schedule = start(['--at', '06:00,18:00', '--now', '--ingest', 'prices']);
  const said = await schedule.waitFor('ended after');
  schedule.stop();
  const { code, stdout, stderr } = await schedule.ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(said).toMatch(
    /^\[INFO\] schedule: every day at 06:00 and 18:00 UTC; next round \S+T(06|18):00:00\.000Z\n/,
  );
  expect(said).toContain('3 lines read: 3 new');
  expect(said).toMatch(/validation: \d+ assets judged, nothing found/);
  expect(said).toMatch(
    /\[OK\] the round of \S+Z ended after [\d.]+ s: ingest exit 0, refresh exit 0, verify exit 0, check exit 0; next round \S+T(06|18):00/,
  );
  expect(stdout).toMatch(/\[INFO\] SIGTERM: no round is running\n\[INFO\] schedule has ended\n$/);
  expect(await warehouse.query(`select count(*) from cmc_price_bars_1d where id = 1`)).toEqual([[3]]);
  expect(await listRuns()).toEqual([['ok']]);
  // The watcher elsewhere got one report, nobody else.
  expect(hook.seen.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /ping-secret']);
  expect(stdout).not.toContain('ping-secret');
});

test('a round that is due while another one continues is left out; SIGTERM ends the running one in order', async () => {
  const release = await holdTable(warehouse.database, 'bar_carry');
  await warehouse.execute(
    'update cmc_price_histories7 set close = close * 1.001, high = high * 1.001 where id = 52',
  );
  const schedule = start(['--cron', '* * * * * *'], { BARWRIGHT_LOCK_TIMEOUT_MS: '60000' });
  await waitForWaiter(warehouse.database);
  const said = await schedule.waitFor('is left out: the one of');
  expect(said.match(/begins$/gm)).toHaveLength(1);
  expect(await listRuns()).toEqual([['running']]);
  const children = listDescendants(schedule.pid());
  expect(children.length).toBeGreaterThan(1);
  schedule.stop();
  await schedule.waitFor('[INFO] SIGTERM: ending the running round');
  await release();
  const { code, stdout } = await schedule.ended;
  expect(code, stdout).toBe(143);
  expect(stdout).toMatch(
    /the round of \S+Z was interrupted after [\d.]+ s: refresh exit 143\n\[INFO\] schedule has ended\n$/,
  );
  // The run has written its end, and nobody is left behind.
  expect(await listRuns()).toEqual([['interrupted']]);
  expect(children.filter(isAlive)).toEqual([]);
  expect(stdout.match(/begins$/gm)).toHaveLength(1);
});

test('rounds follow one another, and a new one finds nothing to do', async () => {
  const schedule = start(['--cron', '* * * * * *', '--quiet']);
  await waitFor('two rounds', () =>
    (schedule.said().match(/ended after/g)?.length ?? 0) >= 2 ? true : null,
  );
  schedule.stop();
  const { stdout } = await schedule.ended;
  expect(stdout).not.toContain('DAILY REFRESH SUMMARY');
  expect((await listRuns()).length).toBeGreaterThanOrEqual(2);
});

test('a round that takes too long is ended and reported, the dead-man is asked all the same; then it recovers', async () => {
  const release = await holdTable(warehouse.database, 'bar_carry');
  await warehouse.execute(
    'update cmc_price_histories7 set close = close * 1.001, high = high * 1.001 where id = 52',
  );
  const command = 'cat > told.txt';
  const late = start([
    ...[...NEVER_NOW, '--now', '--round-timeout', '3', '--json'],
    ...['--alert-exec', command],
  ]);
  await waitFor('the end of the round', () => (late.said().includes('\n') ? true : null));
  late.stop();
  const { code, stdout, stderr } = await late.ended;
  await release();
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ version: 1, isGood: false, isInterrupted: false });
  expect(stderr).toContain('refresh was ended: the round took longer than 3 s');
  expect(stderr).toContain('check: [FAILED] there is no good run');
  const texts = requests('/hook').map(({ body }) => String(body.text));
  expect(texts).toHaveLength(1);
  expect(texts[0]).toMatch(
    /^barwright FAILED: schedule on .*\n- refresh was ended: .*3 s\n- check: .*no good run\n/,
  );
  expect(readFileSync(join(desk.folder, 'told.txt'), 'utf8')).toMatch(/^barwright FAILED: schedule on /);
  expect(requests('/ping-secret')).toEqual([]);
});

test('an ingest that fails keeps no refresh away, is reported once while it lasts, and when it is over', async () => {
  // A folder that is not there would be refused when the schedule starts: a file in it cannot be read.
  mkdirSync(join(desk.folder, 'prices'));
  writeFileSync(join(desk.folder, 'prices', FILE), 'no header\n');
  const schedule = start(['--cron', '* * * * * *', '--ingest', 'prices']);
  await waitFor('two rounds', () =>
    (schedule.said().match(/ended after/g)?.length ?? 0) >= 2 ? true : null,
  );
  expect(schedule.said()).toMatch(
    /\[FAILED\] the round of \S+ ended after [\d.]+ s: ingest: .*prices.*, refresh exit 0, verify exit 0, check exit 0/,
  );
  // At once, as a whole: half a file would be another failure.
  mkdirSync(join(desk.folder, 'coming'));
  writeFileSync(join(desk.folder, 'coming', FILE), [HEADER, line(9)].join('\n'));
  renameSync(join(desk.folder, 'prices'), join(desk.folder, 'gone'));
  renameSync(join(desk.folder, 'coming'), join(desk.folder, 'prices'));
  const heads = () => requests('/hook').map(({ body }) => String(body.text).split(' on ')[0]);
  await waitFor('the word that it is over', () => (heads().length > 1 ? true : null));
  schedule.stop();
  await schedule.ended;
  expect(heads()).toEqual(['barwright FAILED: schedule', 'barwright RECOVERED: schedule']);
});

test('--fetch asks an API before the refresh, each source as a step of its own', async () => {
  const api = await startHttpServer();
  const asked = { status: { error_code: 0, error_message: null } };
  const quotes = [1, 2, 3].map((day) => apiQuote(day));
  api.answers = [{ status: 200, body: JSON.stringify({ ...asked, data: { id: 1027, quotes } }) }];
  // What is stored is gone on from: the first time somebody says since when.
  await warehouse.execute('delete from cmc_price_histories7 where id = 1027');
  const env = { CMC_API_KEY: 'a-key-of-tests', CMC_API_URL: api.url };
  const since = ['ingest', '--coinmarketcap', '--id', '1027', '--since', '2025-03-01'];
  await expectExit(0, desk.run(since, { env }));
  const schedule = start([...NEVER_NOW, '--now', '--fetch', 'coinmarketcap:1027'], env);
  const said = await schedule.waitFor('ended after');
  schedule.stop();
  await schedule.ended;
  await api.close();
  expect(said).toMatch(/: ingest coinmarketcap:1027 exit 0, refresh exit 0, verify exit 0, check exit 0;/);
  expect(api.seen).toHaveLength(2);
  expect(said).not.toContain('a-key-of-tests');
});

describe('where the database is', () => {
  test('a URL that was typed wins over a file, and is in no argument list of a child', async () => {
    const other = await createWarehouse({}, [{ ids: [1], days: 3 }]);
    writeFileSync(join(desk.folder, 'db_config.env'), `TARGET_DB_URL=${warehouse.urls.runner}\n`, {
      mode: 0o600,
    });
    const { password } = new URL(other.urls.runner);
    expect(password.length).toBeGreaterThan(5);
    const watch = watchArguments(password);
    const schedule = start([...NEVER_NOW, '--now', '--db-url', other.urls.runner]);
    await schedule.waitFor('ended after');
    schedule.stop();
    await schedule.ended;
    watch.stop();
    expect([...watch.seen].filter((words) => !words.includes('bin.js schedule'))).toEqual([]);
    expect(schedule.said().match(/--db-url can be read by other users/g)).toHaveLength(1);
    expect(await other.query('select status from refresh_run')).toEqual([['ok']]);
    expect(await listRuns()).toEqual([]);
    await other.drop();
  });

  test('none is an error at once, not in the morning', async () => {
    const { stdout } = await expectExit(2, runCli(['schedule', '--at', '06:00']));
    expect(stdout).toMatch(/^no database is named\. Give one of: /);
  });
});

test.each([
  [[], /^schedule needs a time: --at 06:00/],
  [['--at', '25:00'], /^--at expects times of the day like "06:00" or "06:00,18:30", got "25:00"\n$/],
  [
    ['--at', '06:00', '--fetch', 'kraken:1'],
    /A source like kraken:BTC\/USD:1 or coinmarketcap:1 was expected, got "kraken:1"/,
  ],
  [['--at', '06:00', '--fetch', 'kraken:BTC/USD'], /was expected, got "kraken:BTC\/USD"/],
  [
    ['--at', '06:00', '--ingest', 'no-such-folder'],
    /^--ingest names what is not there: no-such-folder; make the folder/,
  ],
  [['--at', '06:00', '--timezone', 'Nowhere'], /^--timezone expects a name like "UTC" or "Europe\/Berlin"/],
])('%j is a usage error', async (args, words) => {
  const { stdout } = await expectExit(2, desk.run(['schedule', ...args]));
  expect(stdout).toMatch(words);
});
