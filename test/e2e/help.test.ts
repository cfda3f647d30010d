/** --help and the manual page: they fit a screen, their examples can be typed, and man shows what is meant. */
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { listExamples } from '../../src/cli/options/help.js';
import { ENVIRONMENT } from '../../tools/documents/manual.js';
import { note } from '../support/note.js';
import { findProgram } from '../support/programs.js';
import { findFault, listLeaves, readHelp, readUsages } from '../support/usages.js';

const ROOT = resolve(import.meta.dirname, '../..');
const PAGE = resolve(ROOT, 'man/barwright.1');
/** A terminal of today's screens; a pipe and the smallest terminals have 80 columns. */
const ROWS = 60;
const COLUMNS = 80;
const TIMEOUT_MS = 60_000;

beforeAll(() => readUsages([]));

describe('--help', () => {
  test('of every command, and of the program, fits a screen', async () => {
    for (const path of ['', ...listLeaves()]) {
      const lines = (await readHelp(path.split(' ').filter(Boolean))).trimEnd().split('\n');
      expect(lines.length, path).toBeLessThanOrEqual(ROWS);
      expect(
        lines.filter((line) => line.length > COLUMNS),
        path,
      ).toEqual([]);
    }
  });

  test('groups options: what, how much, output, and what is rarely needed', async () => {
    for (const path of ['refresh', 'ingest', 'schedule']) {
      const headings: string[] = (await readHelp([path])).match(/^(?:What|How much|Output|Rare):$/gm) ?? [];
      expect(headings, path).toEqual(
        ['What:', 'How much:', 'Output:', 'Rare:'].filter((heading) => headings.includes(heading)),
      );
      expect(headings.length, path).toBeGreaterThan(2);
    }
  });

  test('of every command ends with examples, and each can be typed', async () => {
    for (const path of ['', ...listLeaves()]) {
      const examples = listExamples(path);
      expect(examples.length, path).toBeGreaterThan(0);
      const help = await readHelp(path.split(' ').filter(Boolean));
      expect(help, path).toContain(`\n\nExamples:\n  $ barwright ${examples[0]?.[0]}`);
      for (const [line] of examples) {
        expect(findFault(line.split(' ')), line).toBeNull();
        expect(`${line} `, path).toContain(path === '' ? '' : `${path} `);
      }
    }
  });
});

describe('the manual page', () => {
  const text = readFileSync(PAGE, 'utf8');

  test('has every command with every option, and every variable that is read', async () => {
    for (const path of listLeaves()) expect(text).toContain(`.SS "barwright ${path}"`);
    for (const word of ['\\-\\-staleness\\-hours', 'barwright.config.json', '129, 130, 143'])
      expect(text).toContain(word);
    const sources = globSync('src/**/*.ts', { cwd: ROOT }).filter((path) => !path.endsWith('.test.ts'));
    const named = sources.flatMap(
      (path) =>
        readFileSync(resolve(ROOT, path), 'utf8').match(/\b(BARWRIGHT|TELEGRAM|CMC)_[A-Z_]+\b/g) ?? [],
    );
    // Between our own processes, names that are no variables, and a header.
    const inner = [
      'BARWRIGHT_CHILD',
      'BARWRIGHT_ARGUMENTS',
      // Given to the command of --alert-exec.
      'BARWRIGHT_ALERT',
      'BARWRIGHT_ORIGIN',
      'TELEGRAM_API',
      'TELEGRAM_UNITS',
      'CMC_PRO_API_KEY',
    ];
    const told = ENVIRONMENT.flatMap(([names]) => names.split(', '));
    expect([...new Set(named)].filter((name) => !told.includes(name) && !inner.includes(name))).toEqual([]);
  });

  const man = findProgram('man');
  const groff = findProgram('groff');
  if (man === null || groff === null)
    note('[INFO] left out: the manual page read by man (no man or groff here)');
  else {
    test('troff has nothing to warn of', () => {
      const run = spawnSync(groff, ['-man', '-Tutf8', '-ww', '-z', PAGE], {
        encoding: 'utf8',
        timeout: TIMEOUT_MS,
      });
      expect({ status: run.status, stderr: run.stderr }).toEqual({ status: 0, stderr: '' });
    });

    test('man shows it: names, options and their words', () => {
      const env = { ...process.env, MANWIDTH: '100', LC_ALL: 'C.UTF-8', MAN_KEEP_FORMATTING: '' };
      const run = spawnSync(man, ['--local-file', PAGE], { encoding: 'utf8', timeout: TIMEOUT_MS, env });
      expect(run.status).toBe(0);
      expect(run.stdout).toMatch(/^NAME\n +barwright - keeps a PostgreSQL warehouse/m);
      expect(run.stdout).toMatch(/^ +--staleness-hours <hours>\n +Max hours for bar freshness/m);
      expect(run.stdout).toMatch(/^ +barwright refresh --all --ids 1,52 --dry-run\n/m);
    });
  }
});
