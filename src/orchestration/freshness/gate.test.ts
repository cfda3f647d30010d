import { describe, expect, test } from 'vitest';
import { assessFreshness } from '../../domain/validation/freshness.js';
import { decidedOutcome } from '../processes/component-result.js';
import { judgeGate } from './gate.js';

const HOUR_US = 3_600_000_000;
const NOW_US = 1_761_523_200_000_000;

function aged(id: number, hours: number | null) {
  return assessFreshness({ id, lastSrcUs: hours === null ? null : NOW_US - hours * HOUR_US }, NOW_US, 48);
}

const OLD = [aged(1, 1), aged(52, 73), aged(825, null)];
const ids = [1, 52, 825];
const NOBODY: ReadonlySet<number> = new Set();

describe('EMAs alone', () => {
  test('stale and no_state are skipped, named with their age', () => {
    const gate = judgeGate({ ids, barOutcomes: null, freshness: OLD, levelIds: NOBODY });
    expect(gate.passed).toEqual([1]);
    expect(gate.skipped.map(({ id, reason }) => [id, reason])).toEqual([
      [52, 'stale, last price 73.0 h ago'],
      [825, 'no bars yet (no_state)'],
    ]);
  });

  test('what is level with its calendar is not skipped for its age; what has no bars is', () => {
    const gate = judgeGate({ ids, barOutcomes: null, freshness: OLD, levelIds: new Set([52, 825]) });
    expect(gate.passed).toEqual([1, 52]);
  });

  test('--skip-stale-check waives age', () => {
    const gate = judgeGate({ ids, barOutcomes: null, freshness: null, levelIds: NOBODY });
    expect(gate.passed).toEqual(ids);
  });
});

describe('after bars in the same run', () => {
  const bars = new Map([
    [1, decidedOutcome(1, 'ok', { action: 'append', reason: 'append 1 day' })],
    [52, decidedOutcome(52, 'ok', { reason: 'up to date' })],
    [825, decidedOutcome(825, 'failed', { reason: 'poisoned' })],
  ]);

  test('an asset level with an old source passes, whatever its age', () => {
    const gate = judgeGate({ ids, barOutcomes: bars, freshness: OLD, levelIds: NOBODY });
    expect(gate.passed).toEqual([1, 52]);
    expect(gate.skipped.map(({ id, reason }) => [id, reason])).toEqual([[825, 'bars failed: poisoned']]);
  });

  test('--skip-stale-check never waives failed bars', () => {
    const gate = judgeGate({ ids, barOutcomes: bars, freshness: null, levelIds: NOBODY });
    expect(gate.passed).toEqual([1, 52]);
  });

  test('no id asked for is no asset, not all', () => {
    const gate = judgeGate({ ids: [], barOutcomes: bars, freshness: OLD, levelIds: NOBODY });
    expect(gate).toEqual({ passed: [], skipped: [] });
  });
});
