import { describe, expect, test } from 'vitest';
import type { AssetOutcome } from '../planning/outcome.js';
import { type Cause, causeKey, commandIn, mergeCauses, newCause } from './cause.js';
import { gatherCauses, type RunFacts } from './gather.js';
import { CAUSE_KINDS, type CauseKind, rankOf, ruleOf, SEVERITIES } from './kinds.js';

const NOTHING: RunFacts = {
  ...{
    components: [],
    error: null,
    holder: null,
    quarantined: [],
    warnings: [],
    strictCounts: [],
    noted: [],
  },
};

function outcome(id: number, status: AssetOutcome['status'], reason: string): AssetOutcome {
  const counts = { rowsNeeded: 0, rowsWritten: 0, rejects: 0, repairs: 0, gaps: 0, durationMs: 0 };
  return { id, status, action: 'none', reason, backfilled: false, ...counts };
}

function gatherBars(outcomes: readonly AssetOutcome[], change: Partial<RunFacts> = {}): Cause[] {
  return gatherCauses({ ...NOTHING, components: [{ component: 'bars', outcomes }], ...change });
}

const listed = (causes: readonly Cause[]) =>
  causes.map(({ kind, ids, count, command }) => `${kind} [${ids}] ${count} ${command}`);

describe('gatherCauses', () => {
  test('a good run has none', () => {
    expect(gatherBars([outcome(1, 'ok', 'up to date')])).toEqual([]);
  });

  test('assets that fail by one reason are one cause; real failures stand before unfinished ones and skips', () => {
    const causes = gatherBars([
      outcome(3, 'skipped', 'stale, last price 73.2 h ago'),
      outcome(9, 'failed', 'not finished: was ended by signal SIGKILL'),
      outcome(825, 'failed', 'day 33 is poisoned'),
      outcome(52, 'failed', 'day 7 is poisoned'),
    ]);
    expect(listed(causes)).toEqual([
      'asset_failed [52,825] 2 barwright explain 825',
      'asset_unfinished [9] 1 barwright retry',
      'asset_skipped [3] 1 barwright refresh --all',
    ]);
    expect(causes[0]).toMatchObject({ sentence: 'day 33 is poisoned', isExample: true, severity: 'failed' });
  });

  test('why a component ended is said once, and the assets that it did not come to are counted', () => {
    const components = [
      {
        component: 'bars',
        errorMessage: 'bars: was ended by signal SIGKILL',
        outcomes: [
          outcome(1, 'failed', 'not finished: was ended by signal SIGKILL'),
          outcome(2, 'failed', 'not finished: was ended by signal SIGKILL'),
        ],
      },
      { component: 'emas', notRun: true, errorMessage: 'bars failed as a whole' },
    ];
    const causes = gatherCauses({ ...NOTHING, components });
    expect(listed(causes)).toEqual([
      'component_failed [] 1 barwright retry',
      'asset_unfinished [1,2] 2 barwright retry',
    ]);
    expect(causes[1]?.sentence).toBe('not finished');
  });

  test('EMAs that wait for failed bars are no cause of their own', () => {
    const components = [
      { component: 'bars', outcomes: [outcome(825, 'failed', 'bad day')] },
      { component: 'emas', outcomes: [outcome(825, 'skipped', 'bars failed: bad day')] },
    ];
    expect(listed(gatherCauses({ ...NOTHING, components }))).toEqual([
      'asset_failed [825] 1 barwright explain 825',
    ]);
  });

  test('an asset is quarantined once, by the run that decides it and by those that skip it', () => {
    const quarantined = [{ id: 825, component: 'bars' as const, reason: 'bad day', isNew: true }];
    const decided = gatherBars([outcome(825, 'failed', 'bad day')], { quarantined });
    const skipped = gatherBars([
      outcome(825, 'skipped', 'quarantined after 5 failed runs in a row: bad day'),
    ]);
    expect(decided.map(({ kind }) => kind)).toEqual(['asset_failed', 'asset_quarantined']);
    expect(decided[1]?.key).toBe(skipped[0]?.key);
  });

  test('the error of the run comes first, with the command that it names or one that looks further', () => {
    const error = 'the schema is older: type "barwright migrate"';
    expect(listed(gatherBars([outcome(1, 'failed', 'x')], { error }))[0]).toBe(
      'run_failed [] 1 barwright migrate',
    );
    expect(listed(gatherCauses({ ...NOTHING, error: 'no connection' }))).toEqual([
      'run_failed [] 1 barwright doctor',
    ]);
  });

  test('while another run holds the lease nothing else is said', () => {
    const causes = gatherBars([outcome(1, 'failed', 'x')], { holder: 'another run holds the lease' });
    expect(causes.map(({ kind }) => kind)).toEqual(['lease_held']);
  });

  test('warnings that differ in numbers are one cause, counted', () => {
    const warnings = ['ID 5: dated in the future', 'ID 6: dated in the future', 'clock differs by 7 s'];
    expect(listed(gatherCauses({ ...NOTHING, warnings }))).toEqual([
      'warning [] 2 null',
      'warning [] 1 null',
    ]);
  });
});

describe('mergeCauses', () => {
  test('keeps the oldest age, all ids ascending and all symbols', () => {
    const facts = { component: 'bars' as const, sentence: 'x' };
    const one = { ...newCause('asset_failed', { ...facts, ids: [9, 2] }), symbols: { 9: 'NINE' } };
    const other = newCause('asset_failed', { ...facts, ids: [5, 2], since: '2026-03-01T00:00:00Z' });
    const third = newCause('asset_failed', { ...facts, ids: [7], since: '2026-02-01T00:00:00Z' });
    expect(mergeCauses([one, other, third])).toMatchObject([
      {
        ids: [2, 5, 7, 9],
        count: 4,
        since: '2026-02-01T00:00:00Z',
        symbols: { 9: 'NINE' },
        isExample: false,
      },
    ]);
  });
});

test('every kind: what fails a run is severe, and none stands before a more severe one', () => {
  const kinds = Object.keys(CAUSE_KINDS) as CauseKind[];
  for (const kind of kinds) {
    const { severity, exitCode } = ruleOf(kind);
    expect([kind, severity === 'failed']).toEqual([kind, exitCode === 1 || exitCode === 4]);
  }
  const ranked = kinds.toSorted((a, b) => rankOf(a) - rankOf(b)).map((kind) => ruleOf(kind).severity);
  expect(ranked).toEqual(SEVERITIES.flatMap((severity) => ranked.filter((each) => each === severity)));
});

test('commandIn finds the command that a sentence names', () => {
  expect(commandIn('load prices with "barwright ingest FILE" first')).toBe('barwright ingest FILE');
  expect(commandIn('the "barwrong" one')).toBeNull();
});

test('causeKey takes out what differs from night to night', () => {
  const tonight =
    'ID 825 (run cae7c974-3845-430f-a24a-68b80d8dde56) since 2026-03-01T06:00:00.000Z: high is -1.5e+3, [1, 52, … 3 more]';
  const tomorrow = 'ID 52 (run 0ab7c974-3845-430f-a24a-68b80d8dde00) since 2026-03-02: high is 7, [825]';
  expect(causeKey('bars', tonight)).toBe(causeKey('bars', tomorrow));
  expect(causeKey('bars', tonight)).not.toBe(causeKey('emas', tonight));
  expect(causeKey('bars', 'disk full')).not.toBe(causeKey('bars', 'permission denied'));
  expect(causeKey('bars', 'x'.repeat(5_000))).toHaveLength(200);
});

test('within one severity, what turns a run into 3 stands before what does not', () => {
  const warnings = (Object.keys(CAUSE_KINDS) as CauseKind[])
    .filter((kind) => ruleOf(kind).severity === 'warning')
    .sort((a, b) => rankOf(a) - rankOf(b))
    .map((kind) => ruleOf(kind).exitCode);
  expect(warnings).toEqual(warnings.toSorted((a, b) => b - a));
});
