// npm run test:mutations: breaks the program on purpose, one line at a time, in a copy; a law must fail each time.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrap, environment, ROOT, runMain } from './bootstrap.mjs';

const COPIED = ['src', 'sql', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts'];
const TIMEOUT_MS = 900_000;
/** Enough sequences to meet every rule. */
const COUNTS = { BARWRIGHT_TEST_MODEL: '40', BARWRIGHT_TEST_SHRINK: '0' };

await runMain(async () => {
  const { node } = await bootstrap({ log: (line) => console.log(line) });
  const wanted = process.argv.slice(2);
  const mutations = JSON.parse(readFileSync(join(ROOT, 'test/mutations.json'), 'utf8')).filter(
    ({ name }) => wanted.length === 0 || wanted.includes(name),
  );
  const survivors = mutations.filter((mutation) => !isCaught(node, mutation));
  console.log(`${mutations.length - survivors.length} of ${mutations.length} caught`);
  return survivors.length === 0 ? 0 : 1;
});

function isCaught(node, mutation) {
  const folder = mkdtempSync(join(tmpdir(), 'barwright-mutation-'));
  try {
    for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    for (const change of [mutation, ...(mutation.also ?? [])]) apply(folder, change);
    const failed = mutation.tests
      .map((file) => firstFailure(node, folder, file))
      .filter((test) => test !== null);
    const isGood = failed.length > 0;
    console.log(
      `${isGood ? '[OK]' : '[FAILED]'} ${mutation.name} (${mutation.what}): ${isGood ? failed.join('; ') : 'no test failed'}`,
    );
    return isGood;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function apply(folder, { file, find, replace }) {
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  if (text.split(find).length !== 2) throw new Error(`${file}: expected once, and only once: ${find}`);
  writeFileSync(
    path,
    text.replace(find, () => replace),
  );
}

/** The name of the first test of a file that failed; null when none did. A file that cannot be run is no proof. */
function firstFailure(node, folder, file) {
  const report = join(folder, 'report.json');
  const args = [
    join(folder, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=json',
    `--outputFile=${report}`,
    file,
  ];
  spawnSync(node, args, { cwd: folder, env: environment(COUNTS), timeout: TIMEOUT_MS, stdio: 'ignore' });
  const tests = JSON.parse(readFileSync(report, 'utf8')).testResults.flatMap((each) => each.assertionResults);
  if (tests.length === 0) throw new Error(`${file}: no test ran`);
  const failed = tests.find(({ status }) => status === 'failed');
  return failed === undefined ? null : `${file} "${failed.fullName}"`;
}
