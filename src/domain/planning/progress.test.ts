import { expect, test } from 'vitest';
import type { AssetOutcome, ComponentEvent } from './outcome.js';
import { advanceProgress, noProgress, type RunProgress, rateOf } from './progress.js';

const START = Date.parse('2026-01-01T00:00:00Z');
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();
const outcome = (id: number, status: AssetOutcome['status']): ComponentEvent => ({
  type: 'asset_finished',
  outcome: {
    id,
    status,
    action: 'append',
    reason: `reason ${id}`,
    rowsNeeded: 2,
    rowsWritten: status === 'ok' ? 2 : 0,
    rejects: 0,
    repairs: 0,
    gaps: 0,
    backfilled: false,
    durationMs: 1,
  },
});

function play(
  events: readonly [seconds: number, component: 'bars' | 'emas', event: ComponentEvent][],
): RunProgress {
  return events.reduce(
    (progress, [seconds, component, event]) =>
      advanceProgress(progress, component, { event, at: at(seconds) }),
    noProgress(at(0)),
  );
}

test('components in the order of work, with what has come of their assets', () => {
  const progress = play([
    [0, 'bars', { type: 'started', component: 'bars', assets: 3 }],
    [1, 'bars', { type: 'heartbeat' }],
    [2, 'bars', outcome(1, 'ok')],
    [3, 'bars', outcome(2, 'failed')],
    [4, 'bars', outcome(3, 'ok')],
    [5, 'bars', { type: 'finished' }],
    [6, 'emas', { type: 'started', component: 'emas', assets: 2 }],
    [7, 'emas', outcome(1, 'skipped')],
  ]);
  const [bars, emas] = progress.stages;
  expect(bars).toEqual({
    component: 'bars',
    startedAt: at(0),
    finishedAt: at(5),
    ...{ total: 3, done: 3, ok: 2, failed: 1, skipped: 0, rowsWritten: 4 },
  });
  expect(emas).toMatchObject({ startedAt: at(6), finishedAt: null, total: 2, done: 1, skipped: 1 });
  expect(progress.undone.map(({ component, id }) => [component, id])).toEqual([
    ['emas', 1],
    ['bars', 2],
  ]);
  expect(progress).toMatchObject({ at: at(7), undoneCount: 2 });
});

test('an event without news leaves the very same value', () => {
  const before = noProgress(at(0));
  expect(advanceProgress(before, 'bars', { event: { type: 'heartbeat' }, at: at(9) })).toBe(before);
});

test('of many that fail all are counted and fifty are named', () => {
  const progress = play([
    [0, 'bars', { type: 'started', component: 'bars', assets: 80 }],
    ...Array.from({ length: 80 }, (_, id): [number, 'bars', ComponentEvent] => [
      1,
      'bars',
      outcome(id + 1, 'failed'),
    ]),
  ]);
  expect(progress.undone).toHaveLength(50);
  expect(progress.undone[0]?.id).toBe(80);
  expect(progress.undoneCount).toBe(80);
});

test('rate and time left', () => {
  const stage = { component: 'bars' as const, startedAt: at(0), finishedAt: null, total: 30, done: 0 };
  const counts = { ok: 0, failed: 0, skipped: 0, rowsWritten: 0 };
  expect(rateOf({ ...stage, ...counts }, at(10))).toEqual({ ratePerSec: null, secondsLeft: null });
  expect(rateOf({ ...stage, ...counts, done: 5 }, at(10))).toEqual({ ratePerSec: 0.5, secondsLeft: 50 });
  expect(rateOf({ ...stage, ...counts, done: 30, finishedAt: at(15) }, at(99))).toEqual({
    ratePerSec: 2,
    secondsLeft: 0,
  });
});
