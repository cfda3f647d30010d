/** What is damaged of indicators is found, with its place, and states come back bit for bit. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dumpResults, execute, insertPrices, runBars, runIndicators } from '../support/component-runs.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type HistoryShape, pricesOf } from '../support/histories.js';
import { inRolledBack, keepTimeframes, listFindings, restoreStates } from '../support/verify.js';

const SHAPE: HistoryShape = {
  ...{ seed: 5, firstDay: 18_001, rows: 260, gapRate: 0.03, longestGap: 3 },
  ...{ ties: false, badRate: 0, longestChunk: 30 },
};
let warehouse: TestDatabase;
let before: Record<string, string[]>;

beforeAll(async () => {
  warehouse = await createTestDatabase();
  const { database } = warehouse;
  await keepTimeframes(database);
  await execute(
    database,
    `insert into dim_indicator values ('rsi_14'), ('sma_20'), ('macd_12_26_9'), ('obv')`,
  );
  for (const id of [1, 2]) await insertPrices(database, id, pricesOf({ ...SHAPE, seed: id }));
  await runBars(database, { ids: [1, 2] });
  await runIndicators(database, { ids: [1, 2] });
  before = await dumpResults(database);
});
afterAll(async () => {
  await warehouse?.drop();
});

const POINT = `where id = 1 and alignment = 'multi_tf' and tf = '7D' and bar_seq = 20`;
/** Damage, and what must be said of it; `isState`: state rebuild undoes it. */
const DAMAGES: Record<string, { sql: string; found: RegExp; isState: boolean }> = {
  'a value, by one bit': {
    sql: `update indicator_points set value[2] = value[2] * 1.0000000000000002 ${POINT}`,
    found: /^1: indicator_points multi_tf 7D bar_seq 20 \(\d{4}-\d\d-\d\d\) value: stored /,
    isState: false,
  },
  'a point that is gone': {
    sql: `delete from indicator_points ${POINT}`,
    found: /^1: indicator_points multi_tf 7D bar_seq 20 .*: missing$/,
    isState: false,
  },
  'a point too many': {
    sql: `insert into indicator_points select id, alignment, 9000, day, tf, value from indicator_points ${POINT}`,
    found: /^1: indicator_points multi_tf 7D bar_seq 9000 .*: surplus$/,
    isState: false,
  },
  'a number that a series continues from': {
    sql: `update indicator_carry set state = set_byte(state, 16, (get_byte(state, 16) + 1) % 256)
      where id = 1 and alignment = 'cal_us'`,
    found: /^1: indicator_carry cal_us: /,
    isState: true,
  },
  'a newest value': {
    sql: `update indicator_carry set value[1] = value[1] + 1 where id = 1 and alignment = 'multi_tf'`,
    found: /^1: indicator_carry multi_tf: /,
    isState: true,
  },
  'a row that series continue from, lost while their points are there': {
    sql: `delete from indicator_carry where id = 1 and alignment = 'cal_anchor_us'`,
    found: /^1: indicator_carry cal_anchor_us: /,
    isState: true,
  },
  'a header': {
    sql: `update indicator_carry set day_sum = day_sum + 1 where id = 1 and alignment = 'cal_iso'`,
    found: /^1: indicator_carry cal_iso: /,
    isState: true,
  },
};

test('what is undamaged has no finding', async () => {
  expect(before.indicator_points?.length).toBeGreaterThan(500);
  expect(await listFindings(warehouse.database, { ids: [1, 2] })).toEqual([]);
});

test.each(Object.entries(DAMAGES))(
  '%s is found, and nothing else',
  async (_name, { sql, found, isState }) => {
    await inRolledBack(warehouse.database, async (database, tx) => {
      expect(await tx.execute(sql)).toBe(1);
      const findings = await listFindings(database, { ids: [1, 2] });
      expect(findings).toHaveLength(1);
      expect(findings[0]).toMatch(found);
      const [restored] = await restoreStates(database, { ids: [1] });
      expect(restored).toMatchObject({ error: null, restored: isState ? { indicator_carry: 1 } : {} });
      expect(restored?.remaining).toEqual(
        isState ? [] : ['1 of its rows in indicator_points not what a rebuild makes'],
      );
      if (isState) expect(await dumpResults(database)).toEqual(before);
    });
  },
);

test('all of an asset that is lost is built by the next run', async () => {
  await inRolledBack(warehouse.database, async (database, tx) => {
    await tx.execute('delete from indicator_carry where id = 1');
    await tx.execute('delete from indicator_points where id = 1 and tf = $1', ['7D']);
    await runIndicators(database, { ids: [1, 2] });
    expect(await dumpResults(database)).toEqual(before);
  });
});
