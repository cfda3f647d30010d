/** Sources without triggers: whatever changes in their rows is found, also where rows are there twice. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dumpResults } from '../support/component-runs.js';
import { SERVERS } from '../support/each-server.js';
import { createUserTable, USER_TABLE } from '../support/user-table.js';
import { createWarehouse, expectExit, reasonOf, type Warehouse } from '../support/warehouse.js';

const REFRESH = ['refresh', '--all', '--source', USER_TABLE];
/** A day in the middle of the history, by its number from the first. */
const rowOf = (place: number) =>
  `id = 1 and timestamp = (select min(timestamp) + interval '${place} days' from ${USER_TABLE} where id = 1)`;
/** Every column that a fingerprint is made of, as it was made before. */
const XOR_FORM = (source: string) => `update cmc_price_bars_1d_state s set src_form = 1, src_hash = (
  select bit_xor(hash_record_extended(row(timestamp::timestamptz, timeopen::timestamptz, timeclose::timestamptz,
    timehigh::timestamptz, timelow::timestamptz, open::float8, high::float8, low::float8, close::float8, volume::float8,
    marketcap::float8, ${source}), 0)) from SOURCE p where p.id = s.id)`;
const OF_USER = XOR_FORM('null::text, null::text, null::timestamptz').replace('SOURCE', USER_TABLE);
const OF_OURS = XOR_FORM('name::text, source_file::text, load_ts::timestamptz').replace(
  'SOURCE',
  'cmc_price_histories7',
);

describe.each(SERVERS)('on $server', ({ options }) => {
  let warehouse: Warehouse;
  beforeEach(async () => {
    warehouse = await createWarehouse(options);
    await createUserTable(warehouse, { ids: [1, 2], days: 40 });
    await warehouse.execute(`alter table ${USER_TABLE} drop constraint prices_pkey`);
  });
  afterEach(() => warehouse?.drop());

  const expectRepaired = async () => {
    const { report } = await warehouse.report(REFRESH);
    expect(reasonOf(report, 'bars', 1)).toMatch(/were corrected/);
    expect(reasonOf(report, 'bars', 2)).toMatch(/up to date/);
    await expectExit(0, warehouse.run(['verify', `--source=${USER_TABLE}`]));
  };

  test.each([2, 3, 4])(
    'a row that is there %i times is named, and its correction is found',
    async (times) => {
      await warehouse.execute(
        `insert into ${USER_TABLE} select p.* from ${USER_TABLE} p, generate_series(2, $1::int) where ${rowOf(20)}`,
        [times],
      );
      const { stdout } = await expectExit(0, warehouse.run(REFRESH));
      expect(stdout).toMatch(
        /ID 1: the source has rows more than once, with the same time: \d{4}-\d\d-\d\d;/,
      );
      expect(await warehouse.execute(`update ${USER_TABLE} set close = close + 1 where ${rowOf(20)}`)).toBe(
        times,
      );
      await expectRepaired();
    },
  );

  test('two rows change places in one column: it is found', async () => {
    await expectExit(0, warehouse.run(REFRESH));
    await warehouse.execute(
      `update ${USER_TABLE} p set open = o.open from ${USER_TABLE} o
       where p.id = 1 and o.id = 1 and p.timestamp <> o.timestamp
         and p.timestamp - (select min(timestamp) from ${USER_TABLE}) in (interval '10 days', interval '11 days')
         and o.timestamp - (select min(timestamp) from ${USER_TABLE}) in (interval '10 days', interval '11 days')`,
    );
    await expectRepaired();
  });

  test.each([
    ['a table of the user', REFRESH, OF_USER],
    ['our own table', ['refresh', '--all'], OF_OURS],
  ])(
    'a fingerprint in the form before, of %s: compared once, rewritten, nothing is repaired',
    async (_what, refresh, xor) => {
      await warehouse.execute(
        `insert into cmc_price_histories7 (id, timestamp, timeopen, timeclose, timehigh, timelow, open, high, low, close, load_ts)
       select id, timestamp, timeopen, timeclose, timehigh, timelow, open, high, low, close, now() from ${USER_TABLE}`,
      );
      await expectExit(0, warehouse.run(refresh));
      const hashes = () =>
        warehouse.query('select id, src_form, src_hash::text from cmc_price_bars_1d_state order by id');
      const before = { hashes: await hashes(), rows: await dumpResults(warehouse.database) };
      expect(before.hashes.map(([, form]) => form)).toEqual([2, 2]);
      await warehouse.execute(xor);
      await expectExit(
        0,
        warehouse.run(['verify', ...(refresh === REFRESH ? [`--source=${USER_TABLE}`] : ['--source'])]),
      );
      const { report } = await warehouse.report(refresh);
      expect(reasonOf(report, 'bars', 1)).toBe(
        'write its fingerprint in the new form: its rows are the same',
      );
      expect({ hashes: await hashes(), rows: await dumpResults(warehouse.database) }).toEqual(before);
      await warehouse.execute(xor);
      await warehouse.execute(`${xor} where s.id = 1`.replace('src_hash = (', 'src_hash = 1 + ('));
      const corrected = await warehouse.report(refresh);
      expect(reasonOf(corrected.report, 'bars', 1)).toMatch(/were corrected/);
      expect(reasonOf(corrected.report, 'bars', 2)).toMatch(/in the new form/);
      expect({ hashes: await hashes(), rows: await dumpResults(warehouse.database) }).toEqual(before);
    },
  );
});
