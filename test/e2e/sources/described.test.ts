/** Tables of one's own, described and not imitated: the same days through each give the same bars, hash for hash. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { grantSource } from '../../support/user-table.js';
import { createWarehouse, expectExit, reasonOf, type Warehouse } from '../../support/warehouse.js';

const ID = 7;
/** Days whose values differ in the last bits, with a hole and a missing volume. */
const DAYS = `select d, 100 + sin(n / 3.0) as o, 102 + sin(n / 3.0) as h, 97 + cos(n / 5.0) as l, 99 + cos(n / 7.0) as c,
    case when n % 9 = 0 then null else 1000 + n / 7.0 end as v
  from (select date '2024-02-20' + n as d, n from generate_series(0, 60) n where n <> 30) days`;

interface Kind {
  table: string;
  columns: string;
  select: string;
  description: Record<string, unknown>;
}

const at = (text: string) => `(${text})::timestamp at time zone 'UTC'`;
const PRICES = 'o float8, h float8, l float8, c float8, v float8';
const NAMES = { open: 'o', high: 'h', low: 'l', close: 'c', volume: 'v' };
const KINDS: Readonly<Record<string, Kind>> = {
  'a date': {
    table: 'by_date',
    columns: `coin int, day date, ${PRICES}, primary key (coin, day)`,
    select: 'd',
    description: { columns: { id: 'coin', ...NAMES } },
  },
  'its opening': {
    table: 'by_open',
    columns: `coin int, t timestamptz, ${PRICES}`,
    select: at('d'),
    description: { columns: { id: 'coin', day: 't', ...NAMES }, day: 'open' },
  },
  'its closing': {
    table: 'by_close',
    columns: `coin bigint, t timestamptz, ${PRICES}`,
    select: `${at('d + 1')} - interval '1 ms'`,
    description: { columns: { id: 'coin', day: 't', ...NAMES }, day: 'close' },
  },
  'the midnight after it': {
    table: 'by_midnight',
    columns: `coin smallint, t timestamp, ${PRICES}`,
    select: 'd + 1',
    description: { columns: { id: 'coin', day: 't', ...NAMES }, day: 'close' },
  },
  'seconds since 1970': {
    table: 'by_seconds',
    columns: `coin int, t int, ${PRICES}`,
    select: `extract(epoch from ${at('d')})::int`,
    description: { columns: { id: 'coin', day: 't', ...NAMES }, unit: 's' },
  },
  'milliseconds of its closing': {
    table: 'by_ms',
    columns: `coin int, t bigint, ${PRICES}`,
    select: `(extract(epoch from ${at('d + 1')}) * 1000)::bigint - 1`,
    description: { columns: { id: 'coin', day: 't', ...NAMES }, unit: 'ms', day: 'close' },
  },
  'microseconds, as numeric': {
    table: 'by_us',
    columns: `coin int, t numeric, ${PRICES}`,
    select: `extract(epoch from ${at('d')}) * 1000000`,
    description: { columns: { id: 'coin', day: 't', ...NAMES }, unit: 'us' },
  },
};

let warehouse: Warehouse;
let folder: string;

beforeAll(async () => {
  warehouse = await createWarehouse();
  folder = mkdtempSync(join(tmpdir(), 'barwright-sources-'));
  await warehouse.execute('create schema m');
  for (const { table, columns, select } of Object.values(KINDS)) {
    await warehouse.execute(`create table m.${table} (${columns})`);
    await warehouse.execute(
      `insert into m.${table} select ${ID}, ${select}, o, h, l, c, v from (${DAYS}) days`,
    );
    await grantSource(warehouse, `m.${table}`);
  }
});
afterAll(() => warehouse?.drop());

/** Says what the file says. */
function configure(sources: Record<string, unknown>): void {
  writeFileSync(join(folder, 'barwright.config.json'), JSON.stringify({ sources }));
}
const options = () => ({ cwd: folder });
const run = (...args: string[]) => warehouse.run(args, options());

/** Hash of every series of the asset. */
async function hash(): Promise<string> {
  const { stdout } = await expectExit(0, run('verify', '--source', '--json'));
  return (JSON.parse(stdout) as { sha256: string }).sha256;
}

/** Every table of assets, whatever it is called in this version. */
async function forget(): Promise<void> {
  const tables = await warehouse.query<[string]>(
    `select string_agg(distinct quote_ident(c.relname), ', ') from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attname = 'id' and c.relname not like '%mic%'`,
  );
  await warehouse.execute(`truncate ${tables[0]?.[0]}`);
}

describe('the same days, named by', () => {
  const hashes = new Map<string, string>();

  test.each(Object.entries(KINDS))('%s', async (kind, { table, description: described }) => {
    await forget();
    configure({ theirs: { table: `m.${table}`, ...described } });
    const { report } = await warehouse.report(['refresh', '--all'], options());
    expect(reasonOf(report, 'bars', ID)).toBe('first build: 60 days (2024-02-20 to 2024-04-20)');
    hashes.set(kind, await hash());
    const again = await warehouse.report(['refresh', '--all'], options());
    expect(again.report.components.map(({ rowsWritten }) => rowsWritten)).toEqual([0, 0]);
  });

  test('a view, and the settings typed', async () => {
    await forget();
    await warehouse.execute(
      'create view m.shown as select coin as id, day, o as open, h as high, l as low, c as close, v as volume from m.by_date',
    );
    await grantSource(warehouse, 'm.shown');
    configure({ shown: { table: 'm.shown' } });
    await expectExit(0, run('refresh', '--all'));
    hashes.set('a view', await hash());
    await forget();
    const typed = 'm.by_seconds id=coin day=t unit=s open=o high=h low=l close=c volume=v';
    await expectExit(0, run('refresh', '--all', '--source', typed));
    const { stdout } = await expectExit(0, run('verify', '--source', typed, '--json'));
    hashes.set('typed', (JSON.parse(stdout) as { sha256: string }).sha256);
  });

  test('our own table', async () => {
    await forget();
    await warehouse.execute('insert into dim_assets (id) values ($1)', [ID]);
    await warehouse.execute(
      `insert into cmc_price_histories7 (id, "timestamp", timeopen, timeclose, open, high, low, close, volume, load_ts)
       select ${ID}, ${at('d + 1')} - interval '1 ms', ${at('d')}, ${at('d + 1')} - interval '1 ms', o, h, l, c, v, null from (${DAYS}) days`,
    );
    configure({ other: { table: 'm.nothing' } });
    await warehouse.execute(
      'create table m.nothing (id int, day date, open float8, high float8, low float8, close float8)',
    );
    await grantSource(warehouse, 'm.nothing');
    await expectExit(0, run('refresh', '--all'));
    hashes.set('ours', await hash());
  });

  test('hash for hash', () => {
    expect(hashes.size).toBe(Object.keys(KINDS).length + 3);
    expect(new Set(hashes.values()).size, JSON.stringify([...hashes], null, 2)).toBe(1);
  });
});

describe('days of a zone, and trading hours', () => {
  test('a day keeps its date; its instants are the real ones, also when clocks change', async () => {
    await forget();
    configure({ ny: { table: 'm.by_date', columns: { id: 'coin', ...NAMES }, zone: 'America/New_York' } });
    await expectExit(0, run('refresh', '--all'));
    const rows = await warehouse.query(
      `select timestamp::text, time_open::text, time_close::text from cmc_price_bars_1d
       where timestamp::date in ('2024-03-08', '2024-03-10') order by 1`,
    );
    expect(rows).toEqual([
      ['2024-03-08 23:59:59.999+00', '2024-03-08 05:00:00+00', '2024-03-09 04:59:59.999+00'],
      ['2024-03-10 23:59:59.999+00', '2024-03-10 05:00:00+00', '2024-03-11 03:59:59.999+00'],
    ]);
    await hash();
  });

  test('sessions come in where the source says so', async () => {
    await forget();
    await warehouse.execute(`create table m.sessions as select coin as id, day, o as open, h as high, l as low, c as close,
        (day + time '14:30')::timestamp at time zone 'UTC' as time_open, (day + time '21:00')::timestamp at time zone 'UTC' as time_close from m.by_date`);
    await grantSource(warehouse, 'm.sessions');
    configure({ shares: { table: 'm.sessions', zone: 'America/New_York', session: true } });
    await expectExit(0, run('refresh', '--all'));
    const rows = await warehouse.query(
      `select count(*), min(timestamp)::text, min(time_open)::text from cmc_price_bars_1d`,
    );
    expect(rows).toEqual([[60, '2024-02-20 23:59:59.999+00', '2024-02-20 14:30:00+00']]);
    await hash();
  });
});

describe('several sources in one warehouse', () => {
  test('an asset belongs to the source that has its id; an id in two costs that asset until a person decides', async () => {
    await forget();
    await warehouse.execute(
      `create table m.other as select 8 as id, day, o as open, h as high, l as low, c * 1 as close, v as volume from m.by_date`,
    );
    await grantSource(warehouse, 'm.other');
    await warehouse.execute(`insert into cmc_price_histories7 (id, "timestamp", timeopen, timeclose, open, high, low, close)
      select 9, ${at('d + 1')} - interval '1 ms', ${at('d')}, ${at('d + 1')} - interval '1 ms', o, h, l, c from (${DAYS}) days`);
    configure({ one: { table: 'm.by_date', columns: { id: 'coin', ...NAMES } }, two: { table: 'm.other' } });
    const first = await warehouse.report(['refresh', '--all'], options());
    expect(first.code).toBe(0);
    const sources = () => warehouse.query('select id, source from cmc_price_bars_1d_state order by id');
    expect(await sources()).toEqual([
      [7, 'one'],
      [8, 'two'],
      [9, 'cmc_price_histories7'],
    ]);
    await hash();
    await warehouse.execute(
      'insert into m.other select 7, day, open, high, low, close, volume from m.other where id = 8',
    );
    const both = await warehouse.report(['refresh', '--all'], options());
    expect(both.code).toBe(1);
    expect(reasonOf(both.report, 'bars', 7)).toBe(
      'it is in the sources "one" and "two": "barwright asset source 7 one" says which one counts',
    );
    expect(reasonOf(both.report, 'bars', 8)).toMatch(/^up to date/);
    expect((await expectExit(2, run('asset', 'source', '7', 'three'))).stdout).toMatch(
      /there is no source "three"/,
    );
    await expectExit(0, run('asset', 'source', '7', 'two'));
    const decided = await warehouse.report(['refresh', '--all'], options());
    expect(decided.code).toBe(0);
    expect((await sources())[0]).toEqual([7, 'two']);
    await hash();
  });

  test('a run without its source says so, and no bar is touched', async () => {
    configure({ one: { table: 'm.by_date', columns: { id: 'coin', ...NAMES } } });
    const { code, report } = await warehouse.report(['refresh', '--all'], options());
    expect(code).toBe(1);
    expect(reasonOf(report, 'bars', 8)).toMatch(
      /^it was last read from the source "two", which this run does not read/,
    );
    expect(await warehouse.query('select count(*) from cmc_price_bars_1d where id = 8')).toEqual([[60]]);
  });
});

describe('source add and list', () => {
  test('a proposal reads the rows as they are meant, and --yes writes it', async () => {
    writeFileSync(join(folder, 'barwright.config.json'), '{}');
    const { stdout } = await expectExit(0, run('source', 'add', 'm.by_ms', 'id=coin', 'open=o', '--json'));
    const look = JSON.parse(stdout);
    expect(look.description).toMatchObject({
      unit: 'ms',
      day: 'close',
      columns: { id: 'coin', day: 't', high: 'h' },
    });
    expect(look.rows).toHaveLength(5);
    expect(look.rows[0]).toMatchObject({ id: ID, timeOpen: '2024-04-20T00:00:00.000Z', verdict: null });
    await expectExit(0, run('source', 'add', 'm.by_ms', 'id=coin', '--as', 'ms', '--yes'));
    await forget();
    await expectExit(0, run('refresh', '--all'));
    expect((await expectExit(0, run('source', 'list'))).stdout).toMatch(
      /ms: m\.by_ms, days of UTC, .*; 1 asset, 2024-02-20 to 2024-04-20/,
    );
    expect((await expectExit(1, run('source', 'add', 'm.by_date', '--as', 'x'))).stdout).toMatch(
      /no column was found for id/,
    );
  });

  test('what is wrong in a description is one sentence with the place', async () => {
    configure({ bad: { table: 'm.by_date', zone: 'Mars/Olympus' } });
    const zone = await expectExit(2, run('status'));
    expect(zone.stdout + zone.stderr).toMatch(
      /sources\.bad\.zone: an IANA time zone like "America\/New_York" was expected, found "Mars\/Olympus"/,
    );
    configure({ bad: { table: 'm.by_seconds', columns: { id: 'coin', day: 't', ...NAMES } } });
    expect((await expectExit(1, run('refresh', '--all'))).stdout).toMatch(/"unit" must say what it counts/);
  });
});
