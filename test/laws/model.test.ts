/** Scenario 22: whatever happens, in whatever order, what is stored is what a rebuild makes of the source. */
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { IS_SHRUNK, runsOf, SEED } from '../support/long.js';
import { createModelDatabases, type ModelDatabases } from '../support/model/model-database.js';
import { motifs } from '../support/model/motifs.js';
import { worlds } from '../support/model/operations.js';
import { keepCells, listExpected, summarizeCells } from '../support/model/rare-states.js';
import { runWorld } from '../support/model/run-world.js';
import { runComponents } from '../support/model/runner.js';
import { DESCRIBED_SOURCES, SOURCES } from '../support/model/source-kinds.js';
import { addCounts, formatCounts, noCounts } from '../support/model/world-counts.js';
import { note } from '../support/note.js';
import { tally } from '../support/tally.js';

/** Four fifths of them on our own table and on one of its layout, the rest on tables that are described. */
const RUNS = runsOf('MODEL', 80);
const KINDS = [
  ...Object.entries(SOURCES).map(([name, kind]) => ({ name, kind, runs: Math.ceil(RUNS * 0.4) })),
  ...Object.entries(DESCRIBED_SOURCES).map(([name, kind]) => ({ name, kind, runs: Math.ceil(RUNS * 0.04) })),
];
/** So many sequences have seen everything. */
const ENOUGH_RUNS = 10;
const OPERATIONS = 12;
const MOTIFS = motifs(listExpected().filter(({ fault }) => !fault.startsWith('killed')));
/** All kinds run at once, on a plan that may be the slowest one. */
const limitOf = (runs: number) => 240_000 + runs * 30_000;

const open: ModelDatabases[] = [];
afterAll(async () => {
  for (const databases of open) await databases.drop();
});

for (const [index, { name, kind, runs }] of KINDS.entries()) {
  test.concurrent(
    `after any sequence of writes and runs, stored = rebuilt and views = kernel (${name} source)`,
    async () => {
      const databases = await createModelDatabases(kind);
      open.push(databases);
      const counts = noCounts();
      const cells = new Map<string, number>();
      const seed = SEED + index;
      await fc.assert(
        fc.asyncProperty(worlds(OPERATIONS, { motifs: MOTIFS, every: 4 }), async (world) => {
          addCounts(counts, await runWorld(databases, world, { run: runComponents, cells }));
        }),
        { numRuns: runs, seed, endOnFailure: !IS_SHRUNK, interruptAfterTimeLimit: limitOf(runs) - 30_000 },
      );
      keepCells(cells);
      note(
        `[INFO] model test, ${name}: ${runs} sequences, ${formatCounts(counts)}, ${summarizeCells(cells)}, seed ${SEED}`,
      );
      tally('operations', counts.operations);
      tally('rows', counts.viewRows);
      // A time limit that cut it short would pass in silence.
      expect(counts.sequences).toBe(runs);
      if (runs < ENOUGH_RUNS) return;
      expect(counts.lateWrites).toBeGreaterThan(0);
      expect(counts.keptDays).toBeGreaterThan(0);
    },
    limitOf(runs),
  );
}
