// npm test: from nothing to one line, `N passed, N failed, N skipped`. Arguments go to vitest.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrap, environment, ROOT, runInForeground, runMain } from './bootstrap.mjs';

const CHECKS = [
  ['types', 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'],
  ['types of the page', 'node_modules/typescript/bin/tsc', '-p', 'src/web/page/tsconfig.json'],
  ['format and lint', 'node_modules/@biomejs/biome/bin/biome', 'check', '.'],
  ['unused code', 'node_modules/knip/bin/knip.js'],
  ['documents', '--import', './test/support/run-typescript.mjs', 'tools/check-prose.mjs'],
];
const CHECK_TIMEOUT_MS = 300_000;
/** Twice what a quiet machine of two processors takes. */
const TEST_TIMEOUT_MS = 4_500_000;

await runMain(async () => {
  const { node } = await bootstrap({ log: (line) => console.log(line) });
  const folder = mkdtempSync(join(tmpdir(), 'barwright-report-'));
  const seed = process.env.BARWRIGHT_TEST_SEED ?? String(Date.now() & 0x7fffffff);
  console.log(`[INFO] seed of random tests: ${seed}; BARWRIGHT_TEST_SEED repeats it`);
  try {
    const failedChecks = await runChecks(node);
    const result = await runTests(node, { folder, seed });
    for (const line of readNotes(folder)) console.log(line);
    const isWritten = await writeReliability(node, { folder, seed });
    const failed = result.failed + failedChecks + (isWritten ? 0 : 1);
    console.log(`\n${result.passed} passed, ${failed} failed, ${result.skipped} skipped`);
    return failed === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Runs all checks; returns how many failed. */
async function runChecks(node) {
  const results = await Promise.all(CHECKS.map(([name, ...args]) => runCheck(node, { name, args })));
  for (const { name, ok, output } of results)
    console.log(ok ? `[OK] ${name}` : `${output.trimEnd()}\n[FAILED] ${name}`);
  return results.filter((result) => !result.ok).length;
}

function runCheck(node, { name, args }) {
  return new Promise((resolve) => {
    const child = spawn(node, args, {
      cwd: ROOT,
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: CHECK_TIMEOUT_MS,
    });
    let output = '';
    const collect = (chunk) => {
      output += chunk;
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', (error) => resolve({ name, ok: false, output: error.message }));
    child.once('close', (code, signal) =>
      resolve({ name, ok: code === 0, output: signal === null ? output : `${output}\nended by ${signal}` }),
    );
  });
}

/** docs/reference/reliability.md is about a whole run: a part of it says nothing about the rest. False when it was not written. */
async function writeReliability(node, { folder, seed }) {
  const report = reportFile(folder);
  if (process.argv.length > 2 || !existsSync(report)) return true;
  const args = ['--import', './test/support/run-typescript.mjs', 'tools/write-reliability.mjs', report];
  // The numbers belong to a run and a day, the rest changes only when a result does.
  if (process.env.BARWRIGHT_WRITE_NUMBERS === '1') args.push('--tally', tallyFile(folder), '--seed', seed);
  const options = { cwd: ROOT, env: environment(), timeoutMs: CHECK_TIMEOUT_MS };
  const code = await runInForeground([node, ...args], options);
  if (code !== 0) console.log('[FAILED] docs/reference/reliability.md was not written');
  return code === 0;
}

async function runTests(node, { folder, seed }) {
  const report = reportFile(folder);
  const command = [
    node,
    join(ROOT, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
  ];
  const code = await runInForeground([...command, `--outputFile.json=${report}`, ...process.argv.slice(2)], {
    cwd: ROOT,
    env: environment({
      BARWRIGHT_TEST_NOTES: notesFile(folder),
      BARWRIGHT_TEST_TALLY: tallyFile(folder),
      BARWRIGHT_TEST_SEED: seed,
      // The laws once more by other plans of the server: in a whole run only.
      ...(process.argv.length > 2 ? {} : { BARWRIGHT_TEST_PLANS: 'short' }),
    }),
    timeoutMs: TEST_TIMEOUT_MS,
  });
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
  const counts = JSON.parse(readFileSync(report, 'utf8'));
  // A file that cannot even be loaded has no test that failed; an error outside of any test is only in the exit code.
  const unloaded = counts.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  ).length;
  const failed = counts.numFailedTests + unloaded;
  return {
    passed: counts.numPassedTests,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: counts.numPendingTests + (counts.numTodoTests ?? 0),
  };
}

function reportFile(folder) {
  return join(folder, 'report.json');
}

function tallyFile(folder) {
  return join(folder, 'tally');
}

function notesFile(folder) {
  return join(folder, 'notes');
}

/** What the tests said about data and servers that they used or had to do without. */
function readNotes(folder) {
  if (!existsSync(notesFile(folder))) return [];
  return [...new Set(readFileSync(notesFile(folder), 'utf8').trim().split('\n'))].sort();
}
