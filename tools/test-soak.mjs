// npm run test:soak -- --hours N: one warehouse in use for so long; memory, descriptors, connections, tables and logs must stay flat.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bootstrap, environment, ROOT, runInForeground, runMain } from './bootstrap.mjs';

const SECONDS_OF_HOUR = 3_600;
/** More than the test itself allows for each second, so that it says itself what was too slow. */
const TIMEOUT_OF_SECOND_MS = 2_000;
const START_MS = 600_000;

await runMain(async () => {
  const { values } = parseArgs({ options: { hours: { type: 'string', default: '1' } } });
  const hours = Number(values.hours);
  if (!(hours > 0)) throw new Error(`--hours expects a number above 0, got "${values.hours}"`);
  const { node } = await bootstrap({ log: (line) => console.log(line) });
  const seconds = Math.ceil(hours * SECONDS_OF_HOUR);
  const file = 'test/faults/soak.test.ts';
  return runInForeground([node, join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', file], {
    cwd: ROOT,
    env: environment({ BARWRIGHT_TEST_SOAK_SECONDS: String(seconds) }),
    timeoutMs: START_MS + seconds * TIMEOUT_OF_SECOND_MS,
  });
});
