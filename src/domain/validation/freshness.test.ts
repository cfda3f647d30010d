import { describe, expect, test } from 'vitest';
import { assessFreshness } from './freshness.js';

const HOUR_US = 3_600_000_000;
const NOW_US = 1_761_523_200_000_000;
const at = (hours: number) => assessFreshness({ id: 1, lastSrcUs: NOW_US - hours * HOUR_US }, NOW_US, 48);

describe('assessFreshness with a limit of 48 hours', () => {
  test.each([
    [47.9, 'fresh'],
    [48, 'fresh'],
    [48.1, 'stale'],
    [-5, 'fresh'],
  ] as const)('%d hours old is %s', (hours, reason) => {
    expect(at(hours)).toMatchObject({ reason, isFresh: reason === 'fresh' });
    expect(at(hours).stalenessHours).toBeCloseTo(hours, 9);
  });

  test('one microsecond over the limit is stale', () => {
    expect(assessFreshness({ id: 1, lastSrcUs: NOW_US - 48 * HOUR_US - 1 }, NOW_US, 48).reason).toBe('stale');
  });

  test('without a watermark there is no state', () => {
    expect(assessFreshness({ id: 1, lastSrcUs: null }, NOW_US, 48)).toEqual({
      id: 1,
      lastSrcTs: null,
      isFresh: false,
      stalenessHours: null,
      reason: 'no_state',
    });
  });
});
