/**
 * docs/tasks/migrate.md and docs/reference/origin.md, done: the commands on a database with the origin's tables in it,
 * the queries on both schemas.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/storage/session/database.js';
import { readEverything } from '../support/contents.js';
import { createEmptyDatabase } from '../support/database.js';
import { createOriginTables, writeOrigin } from '../support/origin/warehouse.js';
import { writePrices } from '../support/prices.js';
import { expectExit, type Warehouse, warehouseOf } from '../support/warehouse.js';

const TEXT = ['tasks/migrate.md', 'reference/origin.md']
  .map((page) => readFileSync(resolve(import.meta.dirname, '../../docs', page), 'utf8'))
  .join('\n');
const IDS = [1, 52];
const DAYS = 460;
const THEIRS = { schema: 'public', source: 'public.cmc_price_histories7', periods: [6, 21] };

/** Code of the fenced blocks of a section. */
function codeOf(section: string, language: string): string {
  const text = TEXT.split(`\n## ${section}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'gm'))]
    .map(([, code]) => code)
    .join('\n');
}

const COMMANDS = codeOf('Side by side', 'sh').trim().split('\n');
const QUERIES = queriesOf('The same queries on both');
/** Pairs: theirs, ours. */
const CHANGED = queriesOf('Queries that change');

function queriesOf(section: string): [name: string, query: string][] {
  return codeOf(section, 'sql')
    .split(';')
    .map((query) => query.trim())
    .filter((query) => query !== '')
    .map((query) => [query.split('\n')[0]?.replace('-- ', '') ?? '', query]);
}

/** Ours, in a schema of its own; theirs lies in public. */
let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = warehouseOf(await createEmptyDatabase({ schema: 'barwright' }));
  // A price table of theirs: another order of columns, more of them.
  await warehouse.execute(`create table public.cmc_price_histories7 (
    marketcap double precision, note text default 'kept', close double precision, low double precision,
    high double precision, open double precision, volume double precision, timestamp timestamptz, id int,
    timelow timestamptz, timehigh timestamptz, timeclose timestamptz, timeopen timestamptz, name text,
    circulatingsupply double precision, source_file text, load_ts timestamptz, primary key (id, timestamp))`);
  await writePrices(warehouse.database, { ids: IDS, days: DAYS, table: THEIRS.source });
});
afterAll(async () => {
  await warehouse?.drop();
});

function runLine(line: string | undefined) {
  const [program, ...args] = line?.split(/\s+/) ?? [];
  expect(program).toBe('barwright');
  return expectExit(0, warehouse.run(args));
}

/** Row versions of everything in the schema of theirs. */
async function readTheirs() {
  const theirs = openDatabase(warehouse.url, { schema: THEIRS.schema });
  try {
    return await readEverything(theirs);
  } finally {
    await theirs.close();
  }
}

/** Tables of theirs that are not made from the rules of bars and EMAs. */
async function createOtherTables(): Promise<void> {
  const { execute } = warehouse;
  await execute(`create table public.cmc_price_bars_1d_state as
    select id, max(timestamp) as last_src_ts from ${THEIRS.source} group by id`);
  await execute('update public.cmc_ema_multi_tf set ingested_at = now()');
  await execute(`create table public.cmc_ema_multi_tf_u as
    select *, 'multi_tf'::text as alignment_source from public.cmc_ema_multi_tf
    union all select *, 'multi_tf_v2' from public.cmc_ema_multi_tf_v2`);
  await execute(`create table public.dim_timeframe (tf text primary key, base_unit text, tf_qty int,
    tf_days_nominal int, alignment_type text, calendar_anchor text, roll_policy text, calendar_scheme text,
    allow_partial_start boolean, allow_partial_end boolean, tf_days_min int, tf_days_max int, sort_order int,
    has_roll_flag boolean default true, is_intraday boolean default false, is_canonical boolean default true)`);
  await execute(`insert into public.dim_timeframe values ${THEIR_TIMEFRAMES.join(', ')}`);
  await execute(`create table public.ema_alpha_lookup as
    select tf, period, tf_days_nominal, 2.0::float8 / (period + 1) as alpha_bar,
      2.0::float8 / (period * tf_days_nominal + 1) as alpha_ema_dailyspace,
      1 - power(1 - 2.0::float8 / (period + 1), 1.0::float8 / tf_days_nominal) as alpha_bar_preview_daily
    from public.dim_timeframe cross join unnest(array[6, 21]) period`);
  await execute(`create view public.all_emas as
    select id, ts, tf, tf_days, period, ema, d1_roll as d1, d2_roll as d2, d1 as d1_close, d2 as d2_close, roll
    from public.cmc_ema_multi_tf`);
  await execute(`create view public.cmc_price_with_emas as
    select p.id, p.timeclose as bar_ts, p.close, p.volume, p.marketcap, e.tf, e.tf_days, e.ts as ema_ts, e.period, e.ema
    from ${THEIRS.source} p left join public.all_emas e on e.id = p.id and e.ts = p.timeclose`);
}

const ROLLING = `'multiple_of_tf', null, false, false`;
/** As their table has them; orders of ours. */
const THEIR_TIMEFRAMES = [
  `('1D', 'D', 1, 1, 'tf_day', null, ${ROLLING}, 1, 1, 1)`,
  `('2D', 'D', 2, 2, 'tf_day', null, ${ROLLING}, 2, 2, 2)`,
  `('3D', 'D', 3, 3, 'tf_day', null, ${ROLLING}, 3, 3, 3)`,
  `('4D', 'D', 4, 4, 'tf_day', null, ${ROLLING}, 4, 4, 4)`,
  `('5D', 'D', 5, 5, 'tf_day', null, ${ROLLING}, 5, 5, 5)`,
  `('7D', 'D', 7, 7, 'tf_day', null, ${ROLLING}, 7, 7, 7)`,
  `('1W_CAL_US', 'W', 1, 7, 'calendar', 'WEEK_END', 'calendar_anchor', 'US', false, false, 7, 7, 100001)`,
  `('1W_CAL_ISO', 'W', 1, 7, 'calendar', 'ISO-WEEK', 'calendar_anchor', 'ISO', false, false, 7, 7, 110001)`,
  `('2W_CAL_ANCHOR_US', 'W', 2, 14, 'calendar', 'WEEK_END', 'calendar_anchor', 'US', true, true, 1, 14, 150002)`,
  `('1M_CAL', 'M', 1, 30, 'calendar', 'EOM', 'calendar_anchor', null, false, false, 28, 31, 200001)`,
  `('3M_CAL', 'M', 3, 90, 'calendar', 'EOQ', 'calendar_anchor', null, false, false, 89, 92, 200003)`,
  `('1Y_CAL', 'Y', 1, 365, 'calendar', 'EOY', 'calendar_anchor', null, false, false, 365, 366, 300001)`,
];

describe('side by side', () => {
  test('the commands run as they are written, and alter nothing of theirs', async () => {
    expect(COMMANDS).toHaveLength(3);
    const [init, refresh, compare] = COMMANDS;
    const before = await readTheirs();
    await runLine(init);
    await runLine(refresh);
    expect(await readTheirs()).toEqual(before);
    await createOriginTables(warehouse, THEIRS);
    for (const id of IDS) await writeOrigin(warehouse, id, THEIRS);
    await createOtherTables();
    const both = await readTheirs();
    const end = await runLine(compare);
    expect(end.stdout).toMatch(/^\[OK\] 2 assets: \d+ rows, \d+ differ: (\w+ \d+, )+[\d.]+ s$/m);
    expect(await readTheirs()).toEqual(both);
    const [counts] = await warehouse.query<[number, number]>(
      'select count(*), (select count(*) from cmc_price_histories7) from cmc_price_bars_1d',
    );
    expect(counts).toEqual([IDS.length * DAYS, 0]);
  });

  test.each(QUERIES)('the same on both: %s', (_, query) => expectSameAnswers(query, query));

  test.each(
    CHANGED.filter((__, index) => index % 2 === 0).map(([name, theirs], index): [string, string, string] => [
      name,
      theirs,
      CHANGED[2 * index + 1]?.[1] ?? '',
    ]),
  )('%s, and ours', (_, theirs, ours) => expectSameAnswers(theirs, ours));

  test('after the change the queries find ours', async () => {
    const change = codeOf('Change over', 'sql').replaceAll('alter role current_user', 'alter role <role>');
    const role = `analyst_${warehouse.url.split('_').at(-1)}`;
    await warehouse.execute(`create role ${role} login`);
    try {
      await warehouse.execute(change.replace('<role>', role));
      const [found] = await warehouse.query<[string[]]>(
        'select setconfig from pg_db_role_setting where setrole = $1::regrole',
        [role],
      );
      expect(found?.[0]).toEqual(['search_path=barwright, public']);
      const [view] = await ask('barwright, public', `select 'cmc_ema_multi_tf'::regclass::oid::int as found`);
      const [kind] = await warehouse.query<[string]>('select relkind::text from pg_class where oid = $1', [
        view?.found,
      ]);
      expect(kind).toEqual(['v']);
    } finally {
      await warehouse.execute(`drop role ${role}`);
    }
  });
});

async function expectSameAnswers(ofTheirs: string, ofOurs: string): Promise<void> {
  const [theirs, ours] = [await ask('public', ofTheirs), await ask('barwright', ofOurs)];
  expect(theirs.length).toBeGreaterThan(0);
  expect(ours).toHaveLength(theirs.length);
  for (const [index, row] of theirs.entries())
    for (const [column, value] of Object.entries(row)) expectSame(ours[index]?.[column], value);
}

/** Rows as any client would get them. */
async function ask(searchPath: string, query: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: warehouse.url, query_timeout: 60_000 });
  await client.connect();
  try {
    await client.query(`set search_path = ${searchPath}; set jit = off; set timezone = 'UTC'`);
    return (await client.query<Record<string, unknown>>(query)).rows;
  } finally {
    await client.end();
  }
}

function expectSame(ours: unknown, theirs: unknown): void {
  if (typeof theirs !== 'number') expect(ours).toEqual(theirs);
  else expect(Math.abs(Number(ours) - theirs)).toBeLessThanOrEqual(1e-10 * Math.max(1000, Math.abs(theirs)));
}

test('every relation and column that the page names is there', async () => {
  const rows = await warehouse.query<[string, string]>(
    `select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = 'barwright'::regnamespace and a.attnum > 0 and c.relkind in ('r', 'v')`,
  );
  const columns = (relation: string) =>
    rows.filter(([name]) => name === relation).map(([, column]) => column);
  const tables = TEXT.split('\n## Tables and scripts\n')[1]?.split('\n## Columns\n')[0] ?? '';
  const cells = tables.split('\n').map((line) => line.split('|').slice(1, 3).join());
  const named = [...cells.join().matchAll(/`((?:cmc|price|ema|dim)_\w+)`/g)].map(([, name]) => name ?? '');
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => columns(name).length === 0)).toEqual([]);
  const section = TEXT.split('\n## Columns\n')[1] ?? '';
  const listed = (label: string) =>
    [...(new RegExp(`^\\| ${label} \\|(.*)\\|$`, 'm').exec(section)?.[1] ?? '').matchAll(/`(\w+)`/g)]
      .map(([, name]) => name ?? '')
      .filter((name) => !name.startsWith('cmc_'));
  expect(listed('bars')).toEqual(columns('cmc_price_bars_multi_tf_cal_anchor_us'));
  expect(listed('EMAs')).toEqual(columns('cmc_ema_multi_tf_u'));
  expect(listed('1D bars').sort()).toEqual(columns('cmc_price_bars_1d').sort());
});
