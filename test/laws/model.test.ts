/** Scenario 22: whatever happens, in whatever order, what is stored is what a rebuild makes of the source. */
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { IS_SHRUNK, runsOf, SEED } from '../support/long.js';
import {
  createModelDatabases,
  type ModelDatabases,
  SOURCES,
  type SourceKind,
} from '../support/model/model-database.js';
import { worlds } from '../support/model/operations.js';
import { addCounts, formatCounts, noCounts, runWorld } from '../support/model/run-world.js';
import { runComponents } from '../support/model/runner.js';
import { note } from '../support/note.js';

/** Half of them on each kind of source. */
const RUNS = Math.ceil(runsOf('MODEL', 200) / 2);
const OPERATIONS = 12;
const LIMIT_MS = 60_000 + RUNS * 20_000;

const open: ModelDatabases[] = [];
afterAll(async () => {
  for (const databases of open) await databases.drop();
});

for (const kind of Object.keys(SOURCES) as SourceKind[]) {
  test.concurrent(
    `after any sequence of writes and runs, stored = rebuilt and views = kernel (${kind} source)`,
    async () => {
      const databases = await createModelDatabases(kind);
      open.push(databases);
      const counts = noCounts();
      const seed = SEED + Number(kind !== 'noted');
      await fc.assert(
        fc.asyncProperty(worlds(OPERATIONS), async (world) => {
          addCounts(counts, await runWorld(databases, world, runComponents));
        }),
        { numRuns: RUNS, seed, endOnFailure: !IS_SHRUNK, interruptAfterTimeLimit: LIMIT_MS - 30_000 },
      );
      note(`[INFO] model test, ${kind} source: ${RUNS} sequences, ${formatCounts(counts)}, seed ${SEED}`);
      // A time limit that cut it short would pass in silence.
      expect(counts.sequences).toBe(RUNS);
      expect(counts.lateWrites).toBeGreaterThan(0);
    },
    LIMIT_MS,
  );
}
