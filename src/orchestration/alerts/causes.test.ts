import { describe, expect, test } from 'vitest';
import type { AssetOutcome } from '../../domain/planning/outcome.js';
import { decidedOutcome, notRun, resultOf } from '../processes/component-result.js';
import { closeReport } from '../report/close-report.js';
import { newReport, type RefreshReport } from '../report/refresh-report.js';
import { causeOfDeath, formatCause, listAlertCauses } from './causes.js';

const NOW = Date.parse('2026-03-01T06:00:00Z');

function bars(outcomes: readonly AssetOutcome[], error: string | null = null) {
  return resultOf({ component: 'bars', durationMs: 1, returnCode: 0, error, outcomes });
}

function reportWith(change: Partial<RefreshReport>, strict = false): RefreshReport {
  const report = { ...newReport({ bars: true, emas: false, strict }), components: [bars([])], ...change };
  closeReport(report, 1);
  return report;
}

const failed = (id: number, reason: string) => decidedOutcome(id, 'failed', { reason });
const skipped = (id: number, reason: string) => decidedOutcome(id, 'skipped', { reason });
const causesOf = (report: RefreshReport) =>
  listAlertCauses(report, NOW).map(({ kind, key, ids }) => `${kind} ${key} [${ids}]`);

describe('listAlertCauses', () => {
  test('a good run has none, nor has one that skipped without --strict', () => {
    expect(causesOf(reportWith({}))).toEqual([]);
    expect(causesOf(reportWith({ components: [bars([skipped(52, 'stale')])] }))).toEqual([]);
    expect(causesOf(reportWith({ warnings: ['source late: ID [52]'] }))).toEqual([]);
  });

  test('failed assets with one reason are one cause with their ids', () => {
    const outcomes = [
      failed(825, 'day 33 is poisoned'),
      failed(52, 'day 7 is poisoned'),
      failed(1, 'disk full'),
    ];
    expect(causesOf(reportWith({ components: [bars(outcomes)] }))).toEqual([
      'failure bars: day # is poisoned [52,825]',
      'failure bars: disk full [1]',
    ]);
  });

  test('a component that died is one cause, not one for every asset that it did not come to', () => {
    const reason = 'not finished: was ended by signal SIGKILL';
    const result = bars([failed(1, reason), failed(2, 'bad row')], 'bars: was ended by signal SIGKILL');
    expect(causesOf(reportWith({ components: [result, notRun('emas', 'bars failed')] }))).toEqual([
      'failure bars: bars: was ended by signal sigkill []',
      'failure bars: bad row [2]',
    ]);
  });

  test('an error of the run as a whole', () => {
    const report = reportWith({
      error: 'connect ECONNREFUSED 127.0.0.1:5432',
      components: [notRun('bars', 'x')],
    });
    expect(causesOf(report)).toEqual(['failure run: connect econnrefused #.#:# []']);
  });

  test('a quarantined asset, also in a run that is 3 without --strict', () => {
    const outcomes = [skipped(825, 'quarantined after 5 failures: bad row'), skipped(52, 'stale')];
    expect(causesOf(reportWith({ components: [bars(outcomes)] }))).toEqual([
      'quarantine bars: quarantined: ID 825 [825]',
    ]);
  });

  test('an asset that is quarantined from now on, once with the run that skips it', () => {
    const quarantined = [{ id: 825, component: 'bars' as const, reason: 'bad row', isNew: true }];
    const report = reportWith({ components: [bars([failed(825, 'bad row')])], quarantined });
    expect(causesOf(report)).toEqual([
      'failure bars: bad row [825]',
      'quarantine bars: quarantined: ID 825 [825]',
    ]);
    const both = reportWith({
      components: [bars([skipped(825, 'quarantined after 5 failures: bad row')])],
      quarantined,
    });
    expect(causesOf(both)).toEqual(['quarantine bars: quarantined: ID 825 [825]']);
  });

  test('with --strict: who was skipped, warnings and counts', () => {
    const result = { ...bars([skipped(52, 'stale, last price 73.2 h ago')]), repairs: 2 };
    expect(
      causesOf(reportWith({ components: [result], warnings: ['clock differs by 7.1 s'] }, true)),
    ).toEqual([
      'warning bars: skipped: stale, last price # h ago [52]',
      'warning run: clock differs by # s []',
      'warning run: # repairs []',
    ]);
  });

  test('a dry run and an interrupted one send nothing', () => {
    expect(causesOf(reportWith({ error: 'no database', isDryRun: true }))).toEqual([]);
    expect(causesOf(reportWith({ error: 'lost', interruptedBy: 'SIGTERM' }))).toEqual([]);
  });

  test.each([
    ['2026-03-01T05:00:00Z', []],
    ['2026-02-28T23:00:00Z', ['failure run: lease held []']],
    ['not a time', []],
  ])('a lease held since %s', (startedAt, causes) => {
    const heldBy = { run: 'r', command: 'refresh --all', host: 'h', pid: 7, startedAt };
    expect(causesOf(reportWith({ heldBy }))).toEqual(causes);
  });

  test('every dead run is a cause of its own', () => {
    const dead = { run: 'a', command: 'refresh --all', host: 'h', pid: 7, startedAt: '2026-02-28T06:00:00Z' };
    expect(causeOfDeath(dead).key).not.toBe(causeOfDeath({ ...dead, run: 'b' }).key);
    expect(formatCause(causeOfDeath(dead))).toMatch(
      /^run: an earlier run came to no end: refresh --all on h/,
    );
  });
});

test('formatCause names ten assets and counts the others', () => {
  const ids = Array.from({ length: 12 }, (_, k) => k + 1);
  expect(formatCause({ component: 'emas', ids, words: 'w' })).toBe(
    'emas, 12 assets (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …): w',
  );
  expect(formatCause({ component: 'bars', ids: [825], words: 'w' })).toBe('bars, ID 825: w');
  expect(formatCause({ component: null, ids: [], words: 'w' })).toBe('run: w');
});
