import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAge } from '../text/age.js';
import { newCause } from './cause.js';
import { countOf, formatAssets, formatCauses, formatIdRanges } from './format.js';
import { CAUSE_KINDS, type CauseKind } from './kinds.js';
import { widthOf, wrapLine } from './wrap.js';

const NOW = Date.parse('2026-03-10T06:00:00Z');
const PAGE = { lines: 13, columns: 120, nowMs: NOW, rest: 'barwright runs 3fa85f64' };

test('ids in ranges, symbols beside the first', () => {
  expect(formatIdRanges([1, 2, 3, 7, 9, 10])).toBe('1-3, 7, 9-10');
  expect(formatIdRanges([1, 3, 5, 7, 9, 11, 13])).toBe('1, 3, 5, 7, 9, 11, …');
  expect(formatAssets({ ids: [1], symbols: { 1: 'BTC' } })).toBe('BTC (1)');
  expect(formatAssets({ ids: [825], symbols: {} })).toBe('ID 825');
  expect(formatAssets({ ids: [1, 52], symbols: { 1: 'BTC' } })).toBe('2 assets (BTC (1), ID 52)');
  const ids = Array.from({ length: 500 }, (_, k) => k + 1);
  expect(formatAssets({ ids, symbols: { 1: 'BTC' } })).toBe('500 assets (BTC (1), ID 2, ID 3, …; ids 1-500)');
  expect([countOf(1, 'asset'), countOf(0, 'asset')]).toEqual(['1 asset', '0 assets']);
});

test('ages are rounded down: nothing is called older than it is', () => {
  expect(formatAge(47.99)).toBe('47.9 h');
  expect(formatAge(24 * 26 + 23)).toBe('26 days');
  expect(formatAge(-0.04)).toBe('0.0 h');
  expect(formatAge(null)).toBe('never');
});

test('a cause: who, what, since when, what to type', () => {
  const cause = newCause('asset_failed', {
    ...{ component: 'bars', ids: [825], sentence: 'day 33\nis poisoned' },
    ...{ since: '2026-03-08T06:00:00Z', command: 'barwright explain 825' },
  });
  expect(formatCauses([cause, newCause('warning', { sentence: 'clock' })], PAGE)).toEqual([
    '[FAILED] bars, ID 825: day 33 is poisoned',
    '    since 2026-03-08 06:00 UTC (48.0 h); type: barwright explain 825',
    '[WARNING] clock',
  ]);
});

test('a long sentence gets the lines that are left, and is cut where there are none', () => {
  const long = newCause('run_failed', { sentence: 'word '.repeat(60), command: 'barwright doctor' });
  expect(formatCauses([long], PAGE)).toHaveLength(4);
  const tight = formatCauses([long, newCause('warning', { sentence: 'clock' })], { ...PAGE, lines: 3 });
  expect(tight).toHaveLength(3);
  expect(tight[0]).toMatch(/^\[FAILED\] word .* word …$/);
});

describe('whatever happens', () => {
  const kinds = Object.keys(CAUSE_KINDS) as CauseKind[];
  const anyCause = fc
    .record({
      kind: fc.constantFrom(...kinds),
      sentence: fc.string({ unit: 'binary', minLength: 1, maxLength: 400 }),
      ids: fc.uniqueArray(fc.integer({ min: 1, max: 2_147_483_647 }), { maxLength: 500 }),
      command: fc.option(fc.string({ maxLength: 200 })),
      since: fc.constantFrom(null, '2026-03-01T00:00:00Z'),
    })
    .map(({ kind, ...facts }) => newCause(kind, facts));

  test('causes take no more lines and columns than they are given, and say how many are left out', () => {
    fc.assert(
      fc.property(fc.array(anyCause, { maxLength: 30 }), fc.integer({ min: 1, max: 20 }), (causes, lines) => {
        const text = formatCauses(causes, { ...PAGE, lines });
        expect(text.length).toBeLessThanOrEqual(lines);
        for (const line of text) expect(widthOf(line)).toBeLessThanOrEqual(120);
        const heads = text.filter((line) => /^\[(?:FAILED|WARNING|INFO)\]/.test(line)).length;
        const [, rest] = /^… and (\d+) more cause/.exec(text.at(-1) ?? '') ?? [];
        if (rest !== undefined) expect(heads + Number(rest)).toBe(causes.length);
      }),
    );
  });

  test('a wrapped line loses nothing but blanks', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'grapheme', maxLength: 400 }),
          fc.string({ unit: fc.constantFrom('a', ' ', '\u3000', '\u00a0', '\t'), maxLength: 60 }),
        ),
        fc.integer({ min: 10, max: 120 }),
        (text, columns) => {
          const lines = wrapLine(text, columns);
          for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns);
          expect(lines.join('').replaceAll(/ /g, '')).toBe(text.replaceAll(/ /g, ''));
        },
      ),
    );
  });
});
