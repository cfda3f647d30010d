// npm run test:long: the random tests for hours instead of minutes, and files of 1 GB. The seed is printed; BARWRIGHT_TEST_SEED repeats it.
// At its end stands the table of the states that the model tests have reached; one that stayed empty is a failure.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrap, environment, ROOT, runInForeground, runMain } from './bootstrap.mjs';

const COUNTS = {
  BARWRIGHT_TEST_MODEL: '2000',
  BARWRIGHT_TEST_PROCESSES: '200',
  BARWRIGHT_TEST_KILLS: '200',
  BARWRIGHT_TEST_CSV_MB: '1000',
  BARWRIGHT_TEST_PARQUET_MB: '1000',
  BARWRIGHT_TEST_ASSETS: '300',
  BARWRIGHT_TEST_TRACES: '100000',
};
const FILES = [
  'test/laws/model.test.ts',
  'test/laws/model-processes.test.ts',
  'test/laws/interleavings.test.ts',
  'test/laws/interleavings-of-tasks.test.ts',
  'test/faults/kill-loop.test.ts',
  'test/e2e/ingest-large.test.ts',
  'test/e2e/distributed.test.ts',
];
const TIMEOUT_MS = 8 * 3_600_000;
const JUDGE_TIMEOUT_MS = 60_000;

await runMain(async () => {
  const { node } = await bootstrap({ log: (line) => console.log(line) });
  const seed = process.env.BARWRIGHT_TEST_SEED ?? String(Date.now() % 0x7fffffff);
  const counts = Object.fromEntries(
    Object.entries(COUNTS).map(([name, count]) => [name, process.env[name] ?? count]),
  );
  console.log(`[INFO] seed ${seed}; ${JSON.stringify(counts)}`);
  const folder = mkdtempSync(join(tmpdir(), 'barwright-long-'));
  const notes = join(folder, 'notes');
  const states = join(folder, 'states');
  try {
    const files = process.argv.length > 2 ? process.argv.slice(2) : FILES;
    const code = await runInForeground(
      [node, join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', ...files],
      {
        cwd: ROOT,
        env: environment({
          ...counts,
          BARWRIGHT_TEST_SEED: seed,
          BARWRIGHT_TEST_NOTES: notes,
          BARWRIGHT_TEST_STATES: states,
        }),
        timeoutMs: TIMEOUT_MS,
      },
    );
    const planCode = process.argv.length > 2 ? 0 : await runPlans(node, seed, notes);
    console.log(readFileSync(notes, { encoding: 'utf8', flag: 'a+' }).trimEnd());
    const statesCode = await judgeStates(node, states, { isWhole: process.argv.length === 2 });
    return [code, planCode, statesCode].find((each) => each !== 0) ?? 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Prints which rare states were reached. A run of some of the files is not judged: it cannot reach them all. */
function judgeStates(node, folder, { isWhole }) {
  const typescript = join(ROOT, 'test/support/run-typescript.mjs');
  const args = ['--import', typescript, join(ROOT, 'tools/judge-states.mjs'), folder];
  return runInForeground([node, ...args, ...(isWhole ? [] : ['--print'])], {
    cwd: ROOT,
    env: environment({}),
    timeoutMs: JUDGE_TIMEOUT_MS,
  });
}

/** The laws on a server that is made to answer by other plans: one project each. */
function runPlans(node, seed, notes) {
  return runInForeground([node, join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run'], {
    cwd: ROOT,
    env: environment({
      BARWRIGHT_TEST_PLANS: 'long',
      BARWRIGHT_TEST_SEED: seed,
      BARWRIGHT_TEST_NOTES: notes,
    }),
    timeoutMs: TIMEOUT_MS,
  });
}
