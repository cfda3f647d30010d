/**
 * docs/tasks/migrate.md and docs/reference/origin.md, done: the commands on a database with the origin's tables in it,
 * the queries on both schemas.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/storage/session/database.js';
import { readEverything } from '../support/contents.js';
import { createEmptyDatabase } from '../support/database.js';
import {
  ask,
  CHANGED_QUERIES,
  codeOf,
  createOtherTables,
  expectSameAnswers,
  MIGRATING_TEXT,
  SAME_QUERIES,
} from '../support/origin/pages.js';
import { createOriginTables, writeOrigin } from '../support/origin/warehouse.js';
import { writePrices } from '../support/prices.js';
import { expectExit, type Warehouse, warehouseOf } from '../support/warehouse.js';

const IDS = [1, 52];
const DAYS = 460;
const SCHEMAS = { theirs: 'public', ours: 'barwright' };
const THEIRS = { schema: 'public', source: 'public.cmc_price_histories7', periods: [6, 21] };

const COMMANDS = codeOf('Side by side', 'sh').trim().split('\n');

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
    await createOtherTables(warehouse, THEIRS);
    const both = await readTheirs();
    const end = await runLine(compare);
    expect(end.stdout).toMatch(/^\[OK\] 2 assets: \d+ rows, \d+ differ: (\w+ \d+, )+[\d.]+ s$/m);
    expect(await readTheirs()).toEqual(both);
    const [counts] = await warehouse.query<[number, number]>(
      'select count(*), (select count(*) from cmc_price_histories7) from cmc_price_bars_1d',
    );
    expect(counts).toEqual([IDS.length * DAYS, 0]);
  });

  test.each(SAME_QUERIES)('the same on both: %s', (_, query) =>
    expectSameAnswers(warehouse, SCHEMAS, [query, query]),
  );

  test.each(CHANGED_QUERIES)('%s, and ours', (_, ...pair) => expectSameAnswers(warehouse, SCHEMAS, pair));

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
      const [view] = await ask(
        warehouse,
        'barwright, public',
        `select 'cmc_ema_multi_tf'::regclass::oid::int as found`,
      );
      const [kind] = await warehouse.query<[string]>('select relkind::text from pg_class where oid = $1', [
        view?.found,
      ]);
      expect(kind).toEqual(['v']);
    } finally {
      await warehouse.execute(`drop role ${role}`);
    }
  });
});

test('every relation and column that the page names is there', async () => {
  const rows = await warehouse.query<[string, string]>(
    `select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = 'barwright'::regnamespace and a.attnum > 0 and c.relkind in ('r', 'v')`,
  );
  const columns = (relation: string) =>
    rows.filter(([name]) => name === relation).map(([, column]) => column);
  const tables = MIGRATING_TEXT.split('\n## Tables and scripts\n')[1]?.split('\n## Columns\n')[0] ?? '';
  const cells = tables.split('\n').map((line) => line.split('|').slice(1, 3).join());
  const named = [...cells.join().matchAll(/`((?:cmc|price|ema|dim)_\w+)`/g)].map(([, name]) => name ?? '');
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => columns(name).length === 0)).toEqual([]);
  const section = MIGRATING_TEXT.split('\n## Columns\n')[1] ?? '';
  const listed = (label: string) =>
    [...(new RegExp(`^\\| ${label} \\|(.*)\\|$`, 'm').exec(section)?.[1] ?? '').matchAll(/`(\w+)`/g)]
      .map(([, name]) => name ?? '')
      .filter((name) => !name.startsWith('cmc_'));
  expect(listed('bars')).toEqual(columns('cmc_price_bars_multi_tf_cal_anchor_us'));
  expect(listed('EMAs')).toEqual(columns('cmc_ema_multi_tf_u'));
  expect(listed('1D bars').sort()).toEqual(columns('cmc_price_bars_1d').sort());
});
