// npm run test:servers: the tests that run on each server, on PostgreSQL 16 and 17. Their programs are 120 MB that no
// other command needs: the folder servers has a lock file of its own, and is installed here.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrap, environment, ROOT, runInForeground, runMain } from './bootstrap.mjs';

const FOLDER = join(ROOT, 'servers');
const MAJORS = '16,17';
const INSTALL_TIMEOUT_MS = 600_000;
const TEST_TIMEOUT_MS = 4_500_000;

await runMain(async () => {
  const { node } = await bootstrap({ log: (line) => console.log(line) });
  console.log('[INFO] installing PostgreSQL 16 and 17 (npm ci in servers) ...');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const args = ['ci', '--ignore-scripts', '--include=optional', '--loglevel=error'];
  const { status } = spawnSync(npm, args, { cwd: FOLDER, stdio: 'inherit', timeout: INSTALL_TIMEOUT_MS });
  if (status !== 0) return 1;
  const files = process.argv.length > 2 ? process.argv.slice(2) : listFiles();
  return runInForeground([node, join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', ...files], {
    cwd: ROOT,
    env: environment({ BARWRIGHT_TEST_SERVERS: MAJORS }),
    timeoutMs: TEST_TIMEOUT_MS,
  });
});

/** Test files that run on each server. */
function listFiles() {
  return ['e2e', 'faults', 'laws']
    .flatMap((room) =>
      readdirSync(join(ROOT, 'test', room), { recursive: true }).map((name) => join('test', room, name)),
    )
    .filter((file) => file.endsWith('.test.ts'))
    .filter((file) => readFileSync(join(ROOT, file), 'utf8').includes('support/each-server.js'));
}
