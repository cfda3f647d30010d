import type { Cause } from '../../domain/causes/cause.js';
import { countOf } from '../../domain/causes/format.js';
import { ruleOf } from '../../domain/causes/kinds.js';
import type { RefreshReport } from './refresh-report.js';

/** What --strict does not let pass beside warnings: repairs, rejects and gaps among the days of this run; each with the first asset that has some. */
export function listStrictCounts({
  components,
}: Pick<RefreshReport, 'components'>): { sentence: string; id: number | null }[] {
  return COUNTED.map(([name, what]) => {
    const count = components.reduce((sum, result) => sum + (result[name] ?? 0), 0);
    const outcomes = components.flatMap(({ outcomes = [] }) => outcomes);
    const ids = outcomes.filter((outcome) => outcome[name] > 0).map(({ id }) => id);
    return { count, sentence: countOf(count, what), id: ids.length === 0 ? null : Math.min(...ids) };
  })
    .filter(({ count }) => count > 0)
    .map(({ sentence, id }) => ({ sentence, id }));
}

const COUNTED = [
  ['rejects', 'reject'],
  ['repairs', 'repair'],
  ['gaps', 'gap day'],
] as const;

/** How many of its causes turn a good run with --strict into 3. */
export function countStrictReasons(causes: readonly Cause[]): number {
  return causes.filter(({ kind, severity }) => severity === 'warning' && ruleOf(kind).exitCode === 0).length;
}
