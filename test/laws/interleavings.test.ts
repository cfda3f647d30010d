/** Every order in which two runs, a loader and a killer can act: what must hold does, and the program does what the machine says. */
import { describe, expect, test } from 'vitest';
import { createTestDatabase } from '../support/database.js';
import { SERVERS } from '../support/each-server.js';
import { RULES, type Rules, writingBy } from '../support/interleavings/machine.js';
import { createStage } from '../support/interleavings/replay.js';
import { coverSteps, pickTraces, search } from '../support/interleavings/search.js';
import { runsOf, SEED } from '../support/long.js';
import { note } from '../support/note.js';
import { tally } from '../support/tally.js';

const TRACES = runsOf('TRACES', 60);
const LIMIT_MS = 120_000 + TRACES * 2_000;

test('no order of events breaks what must hold', () => {
  const { states, broken } = search(writingBy());
  expect(broken).toBeNull();
  note(`[INFO] interleavings: ${states.size} states, all of them searched`);
  tally('states', states.size);
  // As docs/contributing/testing.md says.
  expect(states.size).toBe(3_605);
});

test.each<[keyof Rules, string]>([
  ['comparesOwner', 'only the holder of the lease commits'],
  ['readsNotesWithSource', 'what is not stored yet has a note'],
  ['drains', 'only the holder of the lease commits'],
])('without the rule %s it is found: %s', (rule, what) => {
  const { broken } = search(writingBy({ ...RULES, [rule]: false }));
  expect(broken?.what).toBe(what);
});

describe.each(SERVERS)('on $server', ({ options }) => {
  test(
    'the program does what the machine says',
    async () => {
      const stage = await createStage(await createTestDatabase(options));
      const machine = writingBy(RULES, { isReplayed: true });
      const all = coverSteps(search(machine).states, machine);
      const traces = pickTraces(all, { count: TRACES, seed: SEED });
      try {
        for (const trace of traces) await stage.play(trace);
      } finally {
        await stage.drop();
      }
      note(`[INFO] interleavings: ${traces.length} traces played, seed ${SEED}`);
      tally('traces', traces.length);
      expect(traces.length).toBeGreaterThan(0);
    },
    LIMIT_MS,
  );
});
