/** Locks that somebody else holds on things that are not rows of ours: nothing waits that need not, and the message is true. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { holdLease, type LeaseInfo, upsertLease } from '../../src/storage/lease/lease.js';
import { openDatabase } from '../../src/storage/session/database.js';
import { SERVERS } from '../support/each-server.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const HURRY = { env: { BARWRIGHT_LOCK_TIMEOUT_MS: '1000' }, timeoutMs: 110_000 };

describe.each(SERVERS)('on $server', ({ options }) => {
  let warehouse: Warehouse;
  const undo: (() => Promise<unknown>)[] = [];
  beforeEach(async () => {
    warehouse = await createWarehouse(options, [{ ids: [1, 2], days: 6 }]);
    undo.push(() => warehouse.drop());
  });
  afterEach(async () => {
    for (const each of undo.splice(0).reverse()) await each();
  });

  /** A stranger's transaction that has run these statements and stays open; returns its process. */
  async function hold(...statements: string[]): Promise<number> {
    const url = new URL(warehouse.url);
    url.searchParams.set('application_name', 'Mallory');
    const stranger = openDatabase(url.href, { maxConnections: 1 });
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    let holding: Promise<void> = Promise.resolve();
    const pid = await new Promise<number>((resolve, reject) => {
      holding = stranger.transaction(async (tx) => {
        for (const sql of statements) await tx.query(sql);
        resolve((await tx.query<[number]>('select pg_backend_pid()'))[0]?.[0] ?? 0);
        await ended;
      });
      holding.catch(reject);
    });
    undo.push(async () => {
      end();
      await holding.catch(() => {});
      await stranger.close();
    });
    return pid;
  }

  test('the very advisory locks of the fence: writing continues, and the stranger is not ended by a takeover', async () => {
    // Ours while a transaction of ours is open: what numbers it uses.
    const info: LeaseInfo = { run: crypto.randomUUID(), command: 'x', host: 'h', pid: 1, startedAt: 'now' };
    const { lease } = await upsertLease(warehouse.database, info);
    let key: [number, number] = [0, 0];
    await warehouse.database.transaction(async (tx) => {
      await holdLease(tx, lease);
      const rows = await tx.query<[number, number]>(
        `select classid::int, objid::bigint::bit(32)::int from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()`,
      );
      expect(rows).toHaveLength(1);
      key = rows[0] as [number, number];
    });
    const stranger = await hold(`select pg_advisory_xact_lock(${key[0]}, ${key[1]})`);
    await warehouse.database.transaction((tx) => holdLease(tx, lease));
    await warehouse.execute(`update refresh_lease set expires = now() - interval '1 s'`);
    const { stdout } = await expectExit(0, warehouse.run(['refresh', '--all'], HURRY));
    expect(stdout).not.toMatch(/WARNING.*still had/);
    expect(await warehouse.query('select from pg_stat_activity where pid = $1', [stranger])).toHaveLength(1);
  });

  test('the advisory lock of init: the wait has an end, and who holds it is named', async () => {
    const pid = await hold(`select pg_advisory_xact_lock(hashtextextended('barwright public', 0))`);
    const { stdout } = await expectExit(
      1,
      warehouse.run(['init'], { ...HURRY, env: { ...HURRY.env, TARGET_DB_URL: warehouse.url } }),
    );
    expect(stdout).toMatch(
      new RegExp(
        `could not get a lock within 1 s: process ${pid} of the database \\("Mallory", user \\w+\\) holds the advisory lock \\d+, \\d+ since`,
      ),
    );
  });

  test('a table of the source in another schema, and a reader of a table that is to be altered', async () => {
    await warehouse.execute('create schema market');
    await warehouse.execute('create table market.held (id int)');
    const pid = await hold(
      'lock table market.held in access exclusive mode',
      'select count(*) from refresh_run',
    );
    const asked = openDatabase(warehouse.url, { statementTimeoutMs: 1_500 });
    undo.push(() => asked.close());
    const named = (what: string) =>
      new RegExp(`process ${pid} of the database \\("Mallory", user \\w+\\) holds ${what} since`);
    await expect(asked.read((tx) => tx.query('select from market.held'))).rejects.toThrow(
      named('market\\.held'),
    );
    await expect(
      asked.transaction((tx) => tx.execute('alter table refresh_run add column later int')),
    ).rejects.toThrow(named('\\S*refresh_run'));
  });

  test('one who lets go just before the end is not accused of holding it still', async () => {
    const asked = openDatabase(warehouse.url, { statementTimeoutMs: 1_500 });
    undo.push(() => asked.close());
    await hold('select pg_advisory_xact_lock(7)');
    await expect(asked.read((tx) => tx.query('select pg_sleep(1.2)'))).resolves.toHaveLength(1);
  });
});
