/** Every fault has tests that exist, the document lists all of them, and what it says follows from a test run alone. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FAULTS } from './support/faults.js';
import { formatReliability, numbersOf, parseProof, type TestReport } from './support/reliability.js';
import { formatTally, sumTally, TALLIED } from './support/tally.js';

const ROOT = resolve(import.meta.dirname, '..');
const textOf = (path: string) => readFileSync(resolve(ROOT, path), 'utf8');
/** A title may be broken by a quote that is escaped in the source. */
const sourceOf = (path: string) => textOf(path).replaceAll("\\'", "'");

describe.each(FAULTS)('$fault', ({ behaviour, tests }) => {
  test('has tests, and each of them is there', () => {
    expect(behaviour).not.toBe('');
    expect(tests.length).toBeGreaterThan(0);
    for (const proof of tests) {
      const { file, words } = parseProof(proof);
      expect(existsSync(resolve(ROOT, file)), file).toBe(true);
      expect(words.length, `${file} > ${words}`).toBeGreaterThan(8);
      expect(sourceOf(file), `${file} > ${words}`).toContain(words);
    }
  });

  test('is in the document with all of them', () => {
    const document = textOf('docs/reference/reliability.md');
    expect(document).toContain(`${behaviour.slice(1)}.`);
    for (const proof of tests) {
      const { file, words } = parseProof(proof);
      expect(document).toContain(`| ${words.trim()} | \`${file}\` | `);
    }
  });
});

test('no fault is named twice', () => {
  const names = FAULTS.map(({ fault }) => fault);
  expect(names.length).toBeGreaterThan(15);
  expect(new Set(names).size).toBe(names.length);
});

describe('the document', () => {
  const faults = [
    {
      fault: 'a thing breaks',
      behaviour: 'it is repaired',
      tests: ['test/a.test.ts > it breaks', { test: 'test/b.test.ts > with a tool', needs: 'the tool' }],
    },
  ];
  const run = (...results: [file: string, fullName: string, status: string][]): TestReport => ({
    testResults: results.map(([file, fullName, status]) => ({
      name: `/checkout/${file}`,
      assertionResults: [{ fullName, status }],
    })),
  });
  const rowsOf = (report: TestReport) =>
    formatReliability(faults, { report, numbers: '' })
      .split('\n')
      .filter((line) => line.includes('.test.ts'));

  test('says what passed, on which servers, and what was left out and why', () => {
    const report = run(
      ['test/a.test.ts', 'on the embedded server it breaks here', 'passed'],
      ['test/a.test.ts', 'on a second server it breaks here', 'passed'],
      ['test/b.test.ts', 'something else', 'passed'],
    );
    expect(rowsOf(report)).toEqual([
      '| it breaks | `test/a.test.ts` | both | passed |',
      '| with a tool | `test/b.test.ts` | own | left out here: needs the tool |',
    ]);
  });

  test('says FAILED when one of several failed, and when the test is gone', () => {
    const failed = run(
      ['test/a.test.ts', 'it breaks once', 'passed'],
      ['test/a.test.ts', 'it breaks twice', 'failed'],
      ['test/b.test.ts', 'with a tool', 'failed'],
    );
    expect(rowsOf(failed).map((row) => row.split(' | ').at(-1))).toEqual(['**FAILED** |', '**FAILED** |']);
    expect(rowsOf(run(['test/x/a.test.ts', 'it breaks', 'passed']))[0]).toContain(
      '**FAILED**: no such test ran',
    );
  });

  test('is the same text for the same results', () => {
    const report = run(['test/a.test.ts', 'it breaks', 'passed']);
    expect(formatReliability(faults, { report, numbers: '' })).toBe(
      formatReliability(faults, { report: structuredClone(report), numbers: '' }),
    );
    expect(formatReliability(faults, { report, numbers: '' })).not.toMatch(/\d{4}-\d\d|\d ms|\d s\b/);
  });

  test('keeps the numbers of the run that counted them', () => {
    const numbers = formatTally(sumTally('kills 25\nkills 3\nvalues 1000000\n'), {
      ...{ day: '2026-01-31', seed: 7, command: 'npm test' },
    });
    expect(numbers).toContain(`| ${TALLIED.kills} | 28 |`);
    expect(numbers).toContain(`| ${TALLIED.values} | 1,000,000 |`);
    expect(numbers).toContain(`| ${TALLIED.cuts} | 0 |`);
    const document = formatReliability(faults, { report: run(), numbers });
    expect(numbersOf(document)).toBe(numbers.trim());
    expect(numbersOf('# Reliability')).toBe('');
    expect(() => sumTally('kills many\n')).toThrow('expected a name and a whole number, got "kills many"');
    expect(() => sumTally('murders 1\n')).toThrow('got "murders 1"');
  });

  test('has numbers, none of them 0', () => {
    const rows = numbersOf(textOf('docs/reference/reliability.md'))
      .split('\n')
      .filter((line) => line.startsWith('| '));
    expect(rows).toHaveLength(Object.keys(TALLIED).length + 1);
    for (const row of rows.slice(1)) expect(row).not.toMatch(/\| 0 \|$/);
  });
});
