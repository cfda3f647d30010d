/** What Node opens before the program does anything: a sixth of a run that finds nothing new was that once. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { builtFile, cleanEnvironment } from '../support/cli.js';
import { createWarehouse, expectExit } from '../support/warehouse.js';

const ROOT = resolve(import.meta.dirname, '../..');
const HOOK = resolve(import.meta.dirname, '../fixtures/children/list-modules.mjs');
const TIMEOUT_MS = 60_000;
/** No more than the program, its start, the chunk of every run, and what stands between them. */
const MOST_FILES = 5;

const folder = mkdtempSync(join(tmpdir(), 'barwright-opened-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Files that Node opens for this command line, from the root of the checkout. */
function listOpened(
  args: readonly string[],
  env: Record<string, string> = {},
): { code: number | null; files: string[] } {
  const list = join(folder, 'list');
  rmSync(list, { force: true });
  const { status } = spawnSync(process.execPath, ['--import', HOOK, ...args], {
    cwd: folder,
    env: cleanEnvironment({ ...env, LIST_MODULES: list }),
    timeout: TIMEOUT_MS,
  });
  const urls = readFileSync(list, 'utf8').trimEnd().split('\n');
  return { code: status, files: urls.map((url) => relative(ROOT, fileURLToPath(url))) };
}

test('a run that finds nothing new opens a handful of files, and no package', async () => {
  const warehouse = await createWarehouse({}, [{ ids: [1], days: 45 }]);
  await expectExit(0, warehouse.run(['refresh', '--all']));
  const args = ['refresh', '--all', '--no-log-file'];
  const { code, files } = listOpened([builtFile('cli/bin.js'), ...args], { TARGET_DB_URL: warehouse.url });
  expect(code).toBe(0);
  expect(files.filter((file) => file.startsWith('node_modules'))).toEqual([]);
  expect(files).toContain('dist/program/run.js');
  expect(files.length, files.join(' ')).toBeLessThanOrEqual(MOST_FILES);
  await warehouse.drop();
});

test('the market part of the library opens its own modules only', () => {
  const { code, files } = listOpened([builtFile('domain/index.js')]);
  expect(code).toBe(0);
  expect(files.length).toBeGreaterThan(1);
  expect(files.filter((file) => !file.startsWith('dist/domain/'))).toEqual([]);
});
