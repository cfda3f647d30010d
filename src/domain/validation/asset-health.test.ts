import { expect, test } from 'vitest';
import { type Health, healthOf } from './asset-health.js';
import { TABLE_STATUSES, type TableStatus } from './table-freshness.js';

test('the worst table decides, and a finding makes a good asset one to watch', () => {
  const cases: [TableStatus[], number, Health][] = [
    [['fresh', 'fresh'], 0, 'good'],
    [['fresh', 'fresh'], 1, 'watch'],
    [['fresh', 'behind'], 0, 'watch'],
    [['source_late', 'failed'], 0, 'bad'],
    [['stale', 'fresh'], 3, 'bad'],
    [['retired', 'retired'], 2, 'retired'],
  ];
  for (const [statuses, findings, health] of cases)
    expect(healthOf(statuses, findings), `${statuses} ${findings}`).toBe(health);
});

test('a finding makes no asset better, whatever the status', () => {
  const order: Health[] = ['good', 'watch', 'bad'];
  for (const status of TABLE_STATUSES.filter((each) => each !== 'retired'))
    expect(order.indexOf(healthOf([status], 1))).toBeGreaterThanOrEqual(order.indexOf(healthOf([status], 0)));
});
