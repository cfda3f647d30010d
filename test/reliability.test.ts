/** Every fault has tests that exist, the document lists all of them, and what it says follows from a test run alone. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FAULTS } from './support/faults.js';
import { formatReliability, parseProof, type TestReport } from './support/reliability.js';

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
    formatReliability(faults, report)
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
    expect(formatReliability(faults, report)).toBe(formatReliability(faults, structuredClone(report)));
    expect(formatReliability(faults, report)).not.toMatch(/\d{4}-\d\d|\d ms|\d s\b/);
  });
});
