/** Every order in which a run, the next one and two workers can act on a task: what must hold does, and the program does what the machine says. */
import { describe, expect, test } from 'vitest';
import { createTestDatabase } from '../support/database.js';
import { SERVERS } from '../support/each-server.js';
import { coverSteps, findStuck, pickTraces, search } from '../support/interleavings/search.js';
import { distributedBy } from '../support/interleavings/tasks/machine.js';
import { createTaskStage } from '../support/interleavings/tasks/replay.js';
import { isAwaited, isServed, RULES, type Rules } from '../support/interleavings/tasks/state.js';
import { runsOf, SEED } from '../support/long.js';
import { note } from '../support/note.js';
import { tally } from '../support/tally.js';

/** Who is in the way of another token is waited for, which takes seconds: in `npm run test:long` not all of 8,352. */
const TRACES = Math.min(runsOf('TRACES', 15), 1_500);
const LIMIT_MS = 120_000 + TRACES * 20_000;
const AWAITED = { isAsked: isAwaited, isGood: isServed };

test('no order of events breaks what must hold', () => {
  const { states, broken } = search(distributedBy());
  expect(broken).toBeNull();
  expect(findStuck(states, AWAITED), 'a task that is awaited can be done').toBeNull();
  note(`[INFO] interleavings of tasks: ${states.size} states, all of them searched`);
  tally('states', states.size);
  // As docs/contributing/testing.md says.
  expect(states.size).toBe(4_988);
});

test.each<[keyof Rules, string]>([
  ['fencesTask', 'only the holder of a task writes'],
  ['fencesRun', 'only the holder of a task writes'],
  ['drains', 'only the holder of a task writes'],
  ['seesDone', 'the work of a task is done once'],
  ['reportsAsHolder', 'a finished run leaves no asset'],
])('without the rule %s it is found: %s', (rule, what) => {
  const { broken } = search(distributedBy({ ...RULES, [rule]: false }));
  expect(broken?.what).toBe(what);
});

test('where the task of a worker that is gone is never free it is found: a run waits for it in vain', () => {
  const { states, broken } = search(distributedBy({ ...RULES, frees: false }));
  expect(broken).toBeNull();
  expect(findStuck(states, AWAITED)).not.toBeNull();
});

describe.each(SERVERS)('on $server', ({ options }) => {
  test(
    'the program does what the machine says',
    async () => {
      const stage = await createTaskStage(await createTestDatabase(options));
      const machine = distributedBy();
      const all = coverSteps(search(machine).states, machine);
      const traces = pickTraces(all, { count: TRACES, seed: SEED });
      try {
        for (const trace of traces) await stage.play(trace);
      } finally {
        await stage.drop();
      }
      note(`[INFO] interleavings of tasks: ${traces.length} traces played, seed ${SEED}`);
      tally('traces', traces.length);
      expect(traces.length).toBeGreaterThan(0);
    },
    LIMIT_MS,
  );
});
