/** Scenarios 15 and 22: the same as model.test.ts by whole processes, one of which is killed now and then. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IS_SHRUNK, runsOf, SEED } from '../support/long.js';
import { createModelDatabases } from '../support/model/model-database.js';
import { motifs } from '../support/model/motifs.js';
import { worlds } from '../support/model/operations.js';
import { keepCells, listExpected, summarizeCells } from '../support/model/rare-states.js';
import { createProcessRunner } from '../support/model/run-processes.js';
import { runWorld } from '../support/model/run-world.js';
import { SOURCES } from '../support/model/source-kinds.js';
import { addCounts, formatCounts, noCounts } from '../support/model/world-counts.js';
import { note } from '../support/note.js';
import { tally } from '../support/tally.js';

const RUNS = runsOf('PROCESSES', 10);
const OPERATIONS = 12;
const MOTIFS = motifs(listExpected().filter(({ fault }) => fault.startsWith('killed')));
const LIMIT_MS = 120_000 + RUNS * 60_000;

test(
  'after any sequence of writes, runs and kills, stored = rebuilt and views = kernel',
  async () => {
    const databases = await createModelDatabases(SOURCES.noted);
    const counts = noCounts();
    const cells = new Map<string, number>();
    try {
      await fc.assert(
        fc.asyncProperty(worlds(OPERATIONS, { motifs: MOTIFS, every: 2 }), async (world) => {
          addCounts(counts, await runWorld(databases, world, { run: createProcessRunner(), cells }));
        }),
        { numRuns: RUNS, seed: SEED, endOnFailure: !IS_SHRUNK, interruptAfterTimeLimit: LIMIT_MS - 60_000 },
      );
    } finally {
      await databases.drop();
    }
    keepCells(cells);
    note(
      `[INFO] model test by processes: ${RUNS} sequences, ${formatCounts(counts)}, ${summarizeCells(cells)}, seed ${SEED}`,
    );
    tally('kills', counts.kills);
    tally('operations', counts.operations);
    tally('rows', counts.viewRows);
    // A time limit that cut it short would pass in silence.
    expect(counts.sequences).toBe(RUNS);
    expect(counts.kills).toBeGreaterThan(0);
  },
  LIMIT_MS,
);
