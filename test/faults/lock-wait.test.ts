/** Somebody holds a table, a row of an asset, or the lease: a bounded wait, the name of who it is, and the next run is fine. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/storage/session/database.js';
import { runCli } from '../support/cli.js';
import { readContents } from '../support/contents.js';
import { SERVERS } from '../support/each-server.js';
import { writePrices } from '../support/prices.js';
import { waitFor } from '../support/processes.js';
import { readUndisturbed } from '../support/undisturbed.js';
import { createWarehouse, expectExit, outcomesOf, reasonOf, type Warehouse } from '../support/warehouse.js';

const IDS = [1, 52];
/** The first is built when the tests begin; each test brings one more. The 40th day closes bars whatever the date is. */
const SPANS = [
  { ids: IDS, days: 39, endsDaysAgo: 4 },
  { ids: IDS, days: 1, endsDaysAgo: 3 },
  { ids: IDS, days: 1, endsDaysAgo: 2 },
  { ids: IDS, days: 1, endsDaysAgo: 1 },
];
const HURRY = {
  env: { BARWRIGHT_LOCK_TIMEOUT_MS: '1000', BARWRIGHT_RETRY_DELAY_MS: '100' },
  timeoutMs: 110_000,
};

describe.each(SERVERS)('on $server', ({ options }) => {
  let warehouse: Warehouse;
  let letGo: (() => Promise<void>) | null = null;

  beforeAll(async () => {
    warehouse = await createWarehouse(options, SPANS.slice(0, 1));
    await expectExit(0, warehouse.run(['refresh', '--all']));
  });
  afterEach(() => letGo?.());
  afterAll(() => warehouse?.drop());

  /** A session of somebody else, named Mallory, that has run this statement and does not end its transaction. */
  async function hold(sql: string): Promise<number> {
    const url = new URL(warehouse.url);
    url.searchParams.set('application_name', 'Mallory');
    const mallory = openDatabase(url.href, { maxConnections: 1 });
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    let holding: Promise<void> = Promise.resolve();
    const pid = await new Promise<number>((resolve, reject) => {
      holding = mallory.transaction(async (tx) => {
        await tx.query(sql);
        const rows = await tx.query<[number]>('select pg_backend_pid()');
        resolve(rows[0]?.[0] ?? 0);
        await ended;
      });
      holding.catch(reject);
    });
    letGo = async () => {
      letGo = null;
      end();
      await holding;
      await mallory.close();
    };
    return pid;
  }

  test('a wait is said after five seconds, with who is in the way; when it ends the run continues', async () => {
    await warehouse.execute('update cmc_price_histories7 set volume = volume + 1');
    const pid = await hold('lock table price_bars in share mode');
    let said = '';
    const running = warehouse.run(['refresh', '--bars'], {
      timeoutMs: 110_000,
      onStdout: (text) => {
        said = text;
      },
    });
    await waitFor('the wait to be said', () => (said.includes('waiting for a lock') ? true : null));
    await letGo?.();
    const { stdout } = await expectExit(0, running);
    expect(stdout.match(/waiting for a lock/g)).toHaveLength(1);
    expect(stdout).toMatch(
      new RegExp(
        `\\[WARNING\\] waiting for a lock: process ${pid} of the database \\("Mallory", user .*pg_terminate_backend\\(${pid}\\)"`,
      ),
    );
    await warehouse.execute('update cmc_price_histories7 set volume = volume - 1');
    await expectExit(0, warehouse.run(['refresh', '--all']));
  });

  const sentence = (pid: number, table: string) =>
    new RegExp(
      `could not get a lock within 1 s: process ${pid} of the database \\("Mallory", user \\w+\\) holds [\\w, ]*${table}` +
        '[\\w, ]* since \\d{4}-\\d\\d-\\d\\dT[\\d:]+Z\\. Let it come to its end, or end it with ' +
        `"select pg_terminate_backend\\(${pid}\\)", then run again`,
    );

  /** Brings a day, runs while Mallory holds on, and once more when she has let go. */
  async function runHeld(sql: string, day: number) {
    await writePrices(warehouse.database, SPANS[day] as (typeof SPANS)[number]);
    const pid = await hold(sql);
    // Since when others hold something is shown to those only who may see it.
    const end = await warehouse.report(['refresh', '--all'], {
      ...HURRY,
      env: { ...HURRY.env, TARGET_DB_URL: warehouse.url },
    });
    await letGo?.();
    expect(end.code).toBe(1);
    const next = await warehouse.report(['refresh', '--all']);
    expect([next.code, ...outcomesOf(next.report, 'emas')], next.stderr).toEqual([0, '1 ok', '52 ok']);
    return { pid, ...end };
  }

  test('a table: the run ends, names who holds it, and has written nothing there', async () => {
    const { pid, stderr, report } = await runHeld('lock table price_bars in share mode', 1);
    expect(outcomesOf(report, 'bars')).toEqual(['1 failed', '52 failed']);
    expect(reasonOf(report, 'bars', 1)).toMatch(sentence(pid, 'price_bars'));
    expect(stderr).toMatch(sentence(pid, 'price_bars'));
  });

  test('rows of one asset: it fails by name, the other one is done', async () => {
    const { pid, report } = await runHeld('select from bar_carry where id = 52 for update', 2);
    expect(outcomesOf(report, 'bars')).toEqual(['1 ok', '52 failed']);
    expect(reasonOf(report, 'bars', 52)).toMatch(sentence(pid, 'bar_carry'));
  });

  test('the row of the lease: no run, and who is in the way', async () => {
    const { pid, stderr } = await runHeld('select from refresh_lease for update', 3);
    expect(stderr).toMatch(sentence(pid, 'refresh_lease'));
  });

  test('after all of that everything is as if nobody had been in the way', async () => {
    expect(await readContents(warehouse.database)).toEqual(await readUndisturbed(SPANS, options));
  });
});

test('a bound that is no number of milliseconds is refused, by the name of its variable', async () => {
  const env = { BARWRIGHT_LOCK_TIMEOUT_MS: 'soon', TARGET_DB_URL: 'postgresql://nobody@127.0.0.1:1/nothing' };
  const { stderr } = await expectExit(2, runCli(['status'], { env }));
  expect(stderr).toMatch(/^BARWRIGHT_LOCK_TIMEOUT_MS expects milliseconds from 1 to 2147483647, got "soon"/);
});
