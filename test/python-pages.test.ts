/** The pages for pandas, polars and DuckDB, done: their exports on the sample data, then all their Python as one program. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanEnvironment } from './support/cli.js';
import { findPython } from './support/examples/python.js';
import { withBarwright } from './support/examples/run-example.js';
import { type Block, listCommandLines, readBlocks } from './support/pages/blocks.js';
import { createSample } from './support/pages/warehouses.js';
import type { Warehouse } from './support/warehouse.js';

const ROOT = resolve(import.meta.dirname, '..');
const PAGES = ['pandas', 'polars', 'duckdb'];
const LIMIT_MS = 90_000;
const END = '--- end of block';

const python = await findPython('the pages for pandas, polars and DuckDB');
const run = promisify(execFile);

/** What each block of Python printed, in their order. */
async function runBlocks(blocks: readonly Block[], url: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'barwright-python-page-'));
  const env = cleanEnvironment({
    TARGET_DB_URL: url,
    PATH: withBarwright(folder),
    PYTHONDONTWRITEBYTECODE: '1',
  });
  try {
    for (const { line } of blocks.flatMap(listCommandLines))
      await run('sh', ['-c', line], { cwd: folder, env, timeout: LIMIT_MS });
    const code = blocks.filter(({ language }) => language === 'python').map((block) => block.code);
    writeFileSync(join(folder, 'page.py'), code.map((each) => `${each}\nprint('${END}')\n`).join('\n'));
    const { stdout, stderr } = await run(String(python), ['page.py'], {
      cwd: folder,
      env,
      timeout: LIMIT_MS,
    });
    expect(stderr).toBe('');
    return stdout.split(`${END}\n`).slice(0, -1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (python !== null)
  describe('Python', () => {
    let sample: Warehouse;
    beforeAll(async () => {
      sample = await createSample();
    });
    afterAll(() => sample?.drop());

    test.each(PAGES)('docs/tasks/%s.md prints what it shows', async (page) => {
      const blocks = readBlocks(ROOT, `docs/tasks/${page}.md`);
      const printed = await runBlocks(blocks, sample.urls.reader);
      const shown = blocks.flatMap(({ language }, at) =>
        language === 'python'
          ? [blocks[at + 1]?.language === 'text' ? (blocks[at + 1]?.code ?? '') : '']
          : [],
      );
      expect(printed.length).toBeGreaterThanOrEqual(2);
      const trimmed = printed.map((text) => text.replaceAll(/ +$/gm, ''));
      expect(trimmed).toEqual(shown);
    });
  });
