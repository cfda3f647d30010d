// npm run bench: from nothing to docs/contributing/performance.md. Arguments go to bench/main.ts.
import { bootstrap, environment, ROOT, runInForeground, runMain } from './bootstrap.mjs';

const TIMEOUT_MS = 4 * 3_600_000;

await runMain(async () => {
  const { node } = await bootstrap({ log: (line) => console.log(line) });
  const args = ['--import', './test/support/run-typescript.mjs', 'bench/main.ts', ...process.argv.slice(2)];
  return runInForeground([node, ...args], { cwd: ROOT, env: environment(), timeoutMs: TIMEOUT_MS });
});
