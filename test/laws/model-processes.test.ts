/** Scenarios 15 and 22: the same as model.test.ts by whole processes, one of which is killed now and then. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IS_SHRUNK, runsOf, SEED } from '../support/long.js';
import { createModelDatabases } from '../support/model/model-database.js';
import { worlds } from '../support/model/operations.js';
import { createProcessRunner } from '../support/model/run-processes.js';
import { addCounts, formatCounts, noCounts, runWorld } from '../support/model/run-world.js';
import { SOURCES } from '../support/model/source-kinds.js';
import { note } from '../support/note.js';
import { tally } from '../support/tally.js';

const RUNS = runsOf('PROCESSES', 20);
const OPERATIONS = 12;
const LIMIT_MS = 120_000 + RUNS * 60_000;

test(
  'after any sequence of writes, runs and kills, stored = rebuilt and views = kernel',
  async () => {
    const databases = await createModelDatabases(SOURCES.noted);
    const counts = noCounts();
    try {
      await fc.assert(
        fc.asyncProperty(worlds(OPERATIONS), async (world) => {
          addCounts(counts, await runWorld(databases, world, createProcessRunner()));
        }),
        { numRuns: RUNS, seed: SEED, endOnFailure: !IS_SHRUNK, interruptAfterTimeLimit: LIMIT_MS - 60_000 },
      );
    } finally {
      await databases.drop();
    }
    note(`[INFO] model test by processes: ${RUNS} sequences, ${formatCounts(counts)}, seed ${SEED}`);
    tally('kills', counts.kills);
    tally('operations', counts.operations);
    tally('rows', counts.viewRows);
    // A time limit that cut it short would pass in silence.
    expect(counts.sequences).toBe(RUNS);
    expect(counts.kills).toBeGreaterThan(0);
  },
  LIMIT_MS,
);
