import type { Cause } from '../domain/causes/cause.js';
import { ruleOf } from '../domain/causes/kinds.js';
import type { ComponentResult } from './component-result.js';
import type { RefreshReport } from './refresh-report.js';

/** What --strict does not let pass beside warnings: repairs, rejects and gaps among the days of this run. */
export function listStrictCounts({ components }: Pick<RefreshReport, 'components'>): string[] {
  const total = (count: (result: ComponentResult) => number | undefined) =>
    components.reduce((sum, result) => sum + (count(result) ?? 0), 0);
  const counts = [
    [total(({ rejects }) => rejects), 'reject'],
    [total(({ repairs }) => repairs), 'repair'],
    [total(({ gaps }) => gaps), 'gap day'],
  ] as const;
  return counts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} ${what}${count === 1 ? '' : 's'}`);
}

/** How many of its causes turn a good run with --strict into 3. */
export function countStrictReasons(causes: readonly Cause[]): number {
  return causes.filter(({ kind, severity }) => severity === 'warning' && ruleOf(kind).exitCode === 0).length;
}
