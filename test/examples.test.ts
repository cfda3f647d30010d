/** Every file of examples/ is run on the sample data and prints what stands at its end. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeSampleData } from '../src/components/ingest/load/sample-data.js';
import { type Example, parseExample, readExamples, withOutput } from '../tools/documents/example-file.js';
import { createTestDatabase, type TestDatabase } from './support/database.js';
import { ask, fillInMacros } from './support/examples/ask.js';
import { findPython } from './support/examples/python.js';
import { expectOutput, RUNNERS, runExample } from './support/examples/run-example.js';
import { note } from './support/note.js';
import { findProgram } from './support/programs.js';
import { createWarehouse, expectExit, type Warehouse } from './support/warehouse.js';

const ROOT = resolve(import.meta.dirname, '..');
const EXAMPLES = readExamples(ROOT);
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York'];
const listIn = (folder: string) => EXAMPLES.filter(({ path }) => path.startsWith(`examples/${folder}/`));
const queries = [...listIn('sql'), ...listIn('grafana')];
const python = await findPython('the examples in Python');

/** The sample data with everything built from it; nobody is connected to it, so that it can be cloned. */
let sample: Warehouse;
/** A clone that is only read. */
let reading: TestDatabase;

beforeAll(async () => {
  sample = await createWarehouse();
  await writeSampleData(sample.database);
  // As "barwright demo" does.
  await expectExit(0, sample.run(['indicator', 'add', '--set', 'common']));
  await expectExit(0, sample.run(['refresh', '--all']));
  await sample.database.close();
  reading = await cloneSample();
});
afterAll(async () => {
  await reading?.drop();
  await sample?.drop();
});

function cloneSample(): Promise<TestDatabase> {
  return createTestDatabase({ template: new URL(sample.url).pathname.slice(1) });
}

/** Runs a program on a clone of its own: it may write there. */
async function expectToPrint(example: Example, runner: readonly [string, ...string[]]): Promise<void> {
  const clone = await cloneSample();
  try {
    expectOutput(example, await runExample(example, clone.url, runner));
  } finally {
    await clone.drop();
  }
}

test('there are forty examples, each of at most 40 lines of at most 120 columns', () => {
  expect(EXAMPLES.length).toBeGreaterThanOrEqual(40);
  for (const { path } of EXAMPLES) {
    const lines = readFileSync(join(ROOT, path), 'utf8').trimEnd().split('\n');
    expect(lines.length, path).toBeLessThanOrEqual(40);
    expect(
      lines.filter((line) => line.length > 120),
      path,
    ).toEqual([]);
  }
});

test('no two have the same title', () => {
  const titles = EXAMPLES.map(({ title }) => title);
  expect(titles.filter((title, at) => titles.indexOf(title) !== at)).toEqual([]);
});

describe('the form of a file', () => {
  const content = '-- What?\n--\n-- Because.\nselect 1;\n\n-- Output:\n--  a\n';

  test('is taken apart, and put together with another output', () => {
    const example = parseExample('examples/sql/a.sql', content);
    expect(example).toMatchObject({ title: 'What?', text: 'Because.', code: 'select 1;', output: ' a' });
    expect(withOutput(content, example, ' b\n\n c')).toBe(content.replace('--  a', '--  b\n--\n--  c'));
  });

  test.each([
    ['select 1;\n-- Output:\n-- a', /begins with no comment/],
    ['-- What?\nselect 1;', /has no comment "-- Output:"/],
    ['-- What?\nselect 1;\n-- Output:\na', /expected a comment, found "a"/],
  ])('is refused when it lacks a part: %j', (lacking, reason) => {
    expect(() => parseExample('examples/sql/a.sql', lacking)).toThrow(reason);
  });
});

describe('SQL', () => {
  test.each(queries)('$path: $title', async (example) => {
    const sql = fillInMacros(example.code);
    const answers = await Promise.all(ZONES.map((zone) => ask(reading.urls.reader, sql, zone)));
    expectOutput(example, answers[0] ?? '');
    for (const answer of answers) expect(answer).toBe(answers[0]);
  });

  test('psql prints the same', async () => {
    const psql = findProgram('psql');
    if (psql === null) return note('[INFO] left out: the examples as psql prints them (no psql here)');
    const env = { ...process.env, PGTZ: 'UTC', PGCLIENTENCODING: 'UTF8' };
    for (const { path, code, output } of queries) {
      const args = ['-X', '-d', reading.urls.reader, '-c', fillInMacros(code)];
      const { stdout } = await promisify(execFile)(psql, args, { env, timeout: 30_000 });
      const printed = stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.trimEnd());
      expect(printed.join('\n'), path).toBe(output);
    }
  });
});

/** Rows of the table "what you may type first" that name both forms. */
const FAST_FORMS = [
  ...readFileSync(join(ROOT, 'docs/reference/sql.md'), 'utf8').matchAll(
    /^\| `(from [^`|]+)` \| `(from [^`|]+)`/gm,
  ),
].map(([, slow = '', fast = '']) => [slow, fast] as const);

describe('the page of SQL', () => {
  test('names fast forms', () => expect(FAST_FORMS.length).toBeGreaterThanOrEqual(3));

  test.each(FAST_FORMS)('%s: the fast form beside it has the same rows', async (slow, fast) => {
    const rowsOf = (form: string) =>
      `select to_jsonb(t) - '{alignment,alignment_source,ingested_at,bar_anchor_offset}'::text[] as row
       from (select * ${form.replace('id = 1', 'id = 900001')}) t`;
    const missing = (one: string, other: string) =>
      `(select count(*) from (${rowsOf(one)} except all ${rowsOf(other)}) m)`;
    const [found] = await reading.database.read((tx) =>
      tx.query<[number, number, number]>(
        `select ${missing(slow, fast)}::int, ${missing(fast, slow)}::int,
           (select count(*) from (${rowsOf(slow)}) t)::int`,
      ),
    );
    expect(found).toEqual([0, 0, expect.any(Number)]);
    expect(found?.[2]).toBeGreaterThan(100);
  });
});

describe('the library', () => {
  test.each(listIn('library'))('$path: $title', (example) => expectToPrint(example, RUNNERS.library));
});

describe('shell', () => {
  test.each(listIn('shell'))('$path: $title', (example) => expectToPrint(example, RUNNERS.shell));
});

if (python !== null)
  describe('Python', () => {
    test.each(listIn('python'))('$path: $title', async (example) => {
      expectOutput(example, await runExample(example, reading.urls.reader, [python]));
    });
  });
