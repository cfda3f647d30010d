/** A loader that commits while a run is at work loses nothing, whichever statement it comes after. */
import { afterAll, expect, test } from 'vitest';
import { execute, insertPrices, runBars, runEmas } from '../support/component-runs.js';
import { type HistoryShape, pricesOf } from '../support/histories.js';
import { startLateWriter } from '../support/model/late-writer.js';
import { createModelDatabases, type ModelDatabases } from '../support/model/model-database.js';
import { type ChangeKind, IDS } from '../support/model/operations.js';
import { SOURCES } from '../support/model/source-kinds.js';
import { keepTimeframes, verify } from '../support/verify.js';

/** A day that is there changes or goes, and days come before and after all others. */
const CHANGES: readonly ChangeKind[] = ['close', 'delete', 'older_day', 'new_day'];
/** More than a run of both components has: the last ones come after it. */
const STATEMENTS = 45;
const DAYS: HistoryShape = {
  ...{ seed: 5, firstDay: 17_000, rows: 40, gapRate: 0.1, longestGap: 3 },
  ...{ ties: false, badRate: 0, longestChunk: 10 },
};

const open: ModelDatabases[] = [];
afterAll(async () => {
  for (const databases of open) await databases.drop();
});

/** A new day for each asset, so that a run has something to do. */
async function appendDay(databases: ModelDatabases, day: number): Promise<void> {
  for (const id of IDS)
    await insertPrices(databases.live, id, pricesOf({ ...DAYS, firstDay: day, rows: 1 }), {
      table: databases.source,
    });
}

for (const [name, kind] of Object.entries(SOURCES)) {
  test(`a write after every statement of a run: the next run has it (${name} source)`, async () => {
    const databases = await createModelDatabases(kind);
    open.push(databases);
    const { live, source, relation } = databases;
    await keepTimeframes(live);
    await execute(live, 'delete from dim_period where period > 30');
    for (const id of IDS) await insertPrices(live, id, pricesOf({ ...DAYS, seed: id }), { table: source });
    await runBars(live, { ids: IDS, source: relation });
    let day = DAYS.firstDay + 400;
    let hits = 0;
    for (let statement = 1; statement <= STATEMENTS; statement += 1) {
      // Two kinds after each statement, the other two after the next: every kind stands before and after every read.
      for (const [index, change] of CHANGES.entries()) {
        if ((index + statement) % 2 === 0) continue;
        await appendDay(databases, day);
        // A later day may have come in between.
        day += 8;
        const late = { kind: change, id: IDS[index % IDS.length] ?? 1, row: 3 + index, isOpenBefore: false };
        const writer = await startLateWriter(live, source, { ...late, statement });
        await runBars(writer.database, { ids: IDS, source: relation });
        await runEmas(writer.database, { ids: IDS });
        if ((await writer.finish()) > 0) hits += 1;
        await runBars(live, { ids: IDS, source: relation });
      }
      await runEmas(live, { ids: IDS });
      const { verdicts } = await verify(live, { ids: IDS, source: { relation } });
      for (const { id, findings, error } of verdicts)
        expect({ statement, id, findings, error }).toEqual({ statement, id, findings: [], error: null });
    }
    expect(hits).toBeGreaterThan(STATEMENTS);
  });
}
