import { expect, test } from 'vitest';
import { type AssetFacts, judgeTable, TABLE_STATUSES, type TableFacts } from './table-freshness.js';

const HOUR_US = 3_600_000_000;
const ASSET: AssetFacts = {
  isActive: true,
  nowUs: 1000 * HOUR_US,
  isOld: (takenUs) => takenUs < (1000 - 48) * HOUR_US,
  remark: null,
};
const TABLE: TableFacts = {
  quarantined: null,
  failed: null,
  takenUs: 999 * HOUR_US,
  missing: 'why',
  lagDays: 0,
  waits: [],
};
const OLD = { takenUs: (1000 - 49) * HOUR_US };

test.each([
  ['fresh', {}, 'level with the source'],
  ['fresh', { takenUs: (1000 - 48) * HOUR_US }, 'level with the source'],
  ['source_late', OLD, 'the source is late: everything that it has is in'],
  ['behind', { lagDays: 1, waits: ['1 day waits'] }, '1 day waits'],
  ['behind', { waits: ['a repair', 'another'] }, 'a repair; another'],
  ['stale', { ...OLD, lagDays: 2, waits: ['2 days wait'] }, '2 days wait'],
  ['never_built', { takenUs: null, waits: ['all'] }, 'never built: why'],
  ['failed', { ...OLD, failed: 'its numbers', waits: ['2 days wait'] }, 'failed: its numbers'],
  ['failed', { takenUs: null, failed: 'its numbers' }, 'failed: its numbers'],
  ['quarantined', { failed: 'now', quarantined: 'often' }, 'quarantined: often'],
] as const)('%s %j', (status, facts, reason) => {
  expect(judgeTable(ASSET, { ...TABLE, ...facts })).toMatchObject({ status, reason });
});

test('what is said of an asset that gets no new days', () => {
  const history = { ...ASSET, remark: 'history', isOld: () => false };
  expect(judgeTable(history, TABLE)).toMatchObject({ status: 'fresh', reason: 'history' });
  expect(judgeTable({ ...ASSET, remark: 'ceased' }, { ...TABLE, ...OLD })).toMatchObject({
    ...{ status: 'source_late', reason: 'ceased' },
  });
});

test('retired comes before everything; the age is there all the same', () => {
  const retired = judgeTable({ ...ASSET, isActive: false }, { ...TABLE, failed: 'x', quarantined: 'y' });
  expect(retired).toEqual({ status: 'retired', ageHours: 1, reason: 'retired: no run touches it' });
  expect(TABLE_STATUSES).toContain(retired.status);
});
