import { expect, test } from 'vitest';
import { alignmentsOfBuilders, includesDaily } from './plan.js';

test('null means all builders, an empty list none', () => {
  expect(alignmentsOfBuilders(null)).toHaveLength(5);
  expect(alignmentsOfBuilders([])).toEqual([]);
  expect(alignmentsOfBuilders(['1d', 'cal_us'])).toEqual(['cal_us']);
  expect([includesDaily(null), includesDaily(['1d']), includesDaily([])]).toEqual([true, true, false]);
});
