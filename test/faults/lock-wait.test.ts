/** Somebody holds a table, a row of an asset, or the lease: a bounded wait, the name of who it is, and the next run is fine. */
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/storage/database.js';
import { type Fingerprints, readContents } from '../support/contents.js';
import { SERVERS } from '../support/each-server.js';
import { writePrices } from '../support/prices.js';
import { readUndisturbed } from '../support/undisturbed.js';
import { createWarehouse, expectExit, outcomesOf, reasonOf, type Warehouse } from '../support/warehouse.js';

const IDS = [1, 52];
const SPANS = [
  { ids: IDS, days: 40, endsDaysAgo: 3 },
  { ids: IDS, days: 2 },
];
const HURRY = { env: { BARWRIGHT_LOCK_TIMEOUT_MS: '1000' }, timeoutMs: 110_000 };

describe.each(SERVERS)('on $server', ({ options }) => {
  let warehouse: Warehouse;
  let undisturbed: Fingerprints;
  let letGo: (() => Promise<void>) | null = null;

  beforeAll(async () => {
    undisturbed = await readUndisturbed(SPANS, options);
  });
  // Built up to three days ago; two days are waiting.
  beforeEach(async () => {
    warehouse = await createWarehouse(options, SPANS.slice(0, 1));
    await expectExit(0, warehouse.run(['refresh', '--all']));
    await writePrices(warehouse.database, SPANS[1] as (typeof SPANS)[number]);
  });
  afterEach(async () => {
    await letGo?.();
    await warehouse.drop();
  });

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

  const sentence = (pid: number, table: string) =>
    new RegExp(
      `a lock was not to be had within 1 s: process ${pid} of the database \\("Mallory", user \\w+\\) holds [\\w, ]*${table}` +
        '[\\w, ]* since \\d{4}-\\d\\d-\\d\\dT[\\d:]+Z\\. Let it come to its end, or end it with ' +
        `"select pg_terminate_backend\\(${pid}\\)", then run again`,
    );

  async function expectNextRunFine(): Promise<void> {
    await letGo?.();
    await expectExit(0, warehouse.run(['refresh', '--all']));
    expect(await readContents(warehouse.database)).toEqual(undisturbed);
  }

  test('a table: the run ends, names who holds it, and has written nothing there', async () => {
    const pid = await hold('lock table price_bars in share mode');
    const { code, stderr, report } = await warehouse.report(['refresh', '--all'], HURRY);
    expect(code).toBe(1);
    expect(reasonOf(report, 'bars', 1)).toMatch(sentence(pid, 'price_bars'));
    expect(stderr).toMatch(sentence(pid, 'price_bars'));
    await expectNextRunFine();
  });

  test('rows of one asset: it fails by name, the other one is done', async () => {
    const pid = await hold('select from price_bars_state where id = 52 for update');
    const { code, report } = await warehouse.report(['refresh', '--all'], HURRY);
    expect(code).toBe(1);
    expect(outcomesOf(report, 'bars')).toEqual(['1 ok', '52 failed']);
    expect(reasonOf(report, 'bars', 52)).toMatch(sentence(pid, 'price_bars_state'));
    await expectNextRunFine();
  });

  test('the row of the lease: no run, and who is in the way', async () => {
    const pid = await hold('select from refresh_lease for update');
    const { code, stderr } = await warehouse.report(['refresh', '--all'], HURRY);
    expect(code).toBe(1);
    expect(stderr).toMatch(sentence(pid, 'refresh_lease'));
    await expectNextRunFine();
  });

  test('a bound that is no number of milliseconds is refused, by the name of its variable', async () => {
    const env = { BARWRIGHT_LOCK_TIMEOUT_MS: 'soon' };
    const { stdout } = await expectExit(2, warehouse.run(['status'], { env }));
    expect(stdout).toMatch(
      /^BARWRIGHT_LOCK_TIMEOUT_MS expects milliseconds from 1 to 2147483647, got "soon"/,
    );
  });
});
