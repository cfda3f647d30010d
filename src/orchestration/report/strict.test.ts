import { describe, expect, test } from 'vitest';
import { resultOf } from '../processes/component-result.js';
import { closeReport } from './close-report.js';
import { newReport, type RefreshReport } from './refresh-report.js';
import { listStrictCounts } from './strict.js';

const bars = resultOf({ component: 'bars', durationMs: 1, returnCode: 0, error: null, outcomes: [] });

function closed(strict: boolean, change: Partial<RefreshReport>): [number, string] {
  const report = { ...newReport({ bars: true, emas: false, strict }), components: [bars], ...change };
  closeReport(report, 1);
  return [report.exitCode, report.verdict];
}

describe('--strict', () => {
  test.each([
    ['a warning', { warnings: ['source late: ID 52'] }, 'source late: ID 52'],
    ['repairs', { components: [{ ...bars, repairs: 2 }] }, '2 repairs'],
    ['rejects', { components: [{ ...bars, rejects: 1 }] }, '1 reject'],
    ['gaps', { components: [{ ...bars, gaps: 3 }, bars] }, '3 gap days'],
  ])('%s: 3 with the reason, and 0 without --strict', (_what, change, reason) => {
    const strict = { ...newReport({ bars: true, emas: false, strict: true }), components: [bars], ...change };
    closeReport(strict, 1);
    expect([strict.exitCode, strict.verdict]).toEqual([3, 'WARNINGS (--strict): 1 warning']);
    expect(strict.causes).toMatchObject([{ kind: 'warning', sentence: reason }]);
    expect(closed(false, change)).toEqual([0, 'OK: everything asked for is done']);
  });

  test('a run without any is 0', () => {
    expect(closed(true, {})).toEqual([0, 'OK: everything asked for is done']);
    expect(listStrictCounts(newReport({ bars: true, emas: false }))).toEqual([]);
  });

  test('it lowers no other code: failed stays 1, skipped says who, a dry run is 0', () => {
    const warnings = ['source late'];
    expect(closed(true, { warnings, error: 'no connection' })[0]).toBe(1);
    expect(closed(true, { warnings, components: [{ ...bars, skipped: 1 }] })).toEqual([
      3,
      'INCOMPLETE: 1 skipped, the rest is done',
    ]);
    expect(closed(true, { warnings, isDryRun: true })[0]).toBe(0);
    expect(closed(true, { warnings, interruptedBy: 'SIGTERM' })[0]).toBe(143);
  });
});
