import { expect, test } from 'vitest';
import { startBreaker } from './breaker.js';
import type { AssetOutcome } from './outcome.js';

function failed(id: number, cause: string, isData = false): AssetOutcome {
  return {
    ...{ id, status: 'failed', action: 'none', reason: cause, rowsNeeded: 0, rowsWritten: 0, durationMs: 0 },
    ...{ rejects: 0, repairs: 0, gaps: 0, backfilled: false },
    fault: { cause, isData, isOwn: true },
  };
}

/** After how many failures by the same cause a component of so many assets stops; null: never. */
function tripsAfter(assets: number, isData = false): number | null {
  const breaker = startBreaker(assets);
  for (let id = 1; id <= assets; id += 1) {
    if (breaker(failed(id, 'P0001', isData)) !== null) return id;
  }
  return null;
}

test('more than half of the assets, and more than ten', () => {
  expect(tripsAfter(10)).toBeNull();
  expect(tripsAfter(11)).toBe(11);
  expect(tripsAfter(20)).toBe(11);
  expect(tripsAfter(22)).toBe(12);
  expect(tripsAfter(100)).toBe(51);
});

test('failures by the values of an asset never do, however many', () => {
  expect(tripsAfter(100, true)).toBeNull();
});

test('only the same cause counts together', () => {
  const breaker = startBreaker(20);
  for (let id = 1; id <= 20; id += 1) expect(breaker(failed(id, `cause ${id % 2}`))).toBeNull();
  const { fault: _, ...blocked } = failed(21, 'cause 1');
  expect(breaker(blocked)).toBeNull();
  expect(breaker(failed(22, 'cause 1'))).toEqual({ cause: 'cause 1', assets: 11 });
});
