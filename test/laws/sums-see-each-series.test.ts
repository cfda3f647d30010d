/** The sums that a plan looks at first hide no single series: one carry that is a bar behind is found. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readEmaFacts } from '../../src/storage/planning/ema-facts.js';
import { execute, insertPrices, runBars, runEmas } from '../support/component-runs.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { pricesOf } from '../support/histories.js';
import { allowStateEdits } from '../support/state-edits.js';

const IDS = [1, 52];

let live: TestDatabase;
beforeAll(async () => {
  live = await createTestDatabase();
  await allowStateEdits(live.database);
  const shape = { firstDay: 18_000, rows: 90, gapRate: 0, longestGap: 1, ties: false, badRate: 0 };
  for (const id of IDS) {
    await insertPrices(live.database, id, pricesOf({ ...shape, seed: id, longestChunk: 10 }));
  }
  await runBars(live.database, { ids: IDS });
  await runEmas(live.database, { ids: IDS });
});
afterAll(() => live?.drop());

/** "asset alignment: series" of those that have closed bars to take in. */
async function listPending(): Promise<string[]> {
  const facts = await live.database.read((tx) => readEmaFacts(tx, { ids: IDS, only: null }));
  return facts.flatMap(({ id, alignments }) =>
    alignments.flatMap(({ alignment, pendingSeries }) =>
      pendingSeries > 0 ? [`${id} ${alignment}: ${pendingSeries}`] : [],
    ),
  );
}

test.each([
  ['multi_tf', '7D'],
  ['cal_iso', '1W_CAL_ISO'],
])(
  '%s %s: a carry that has not taken in the newest closed bar, though its alignment is level',
  async (alignment, tf) => {
    expect(await listPending()).toEqual([]);
    const where = `where id = 52 and alignment = '${alignment}' and tf = '${tf}'`;
    expect(await execute(live.database, `update ema_state set bar_seq = bar_seq - 1 ${where}`)).toBe(1);
    expect(await listPending()).toEqual([`52 ${alignment}: 1`]);
    await execute(live.database, `update ema_state set bar_seq = bar_seq + 1 ${where}`);
  },
);
