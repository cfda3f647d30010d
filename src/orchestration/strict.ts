import type { Cause } from '../domain/causes/cause.js';
import { ruleOf } from '../domain/causes/kinds.js';
import type { ComponentResult } from './component-result.js';
import type { RefreshReport } from './refresh-report.js';

const SHOWN = 3;

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

/** Of the causes of a strict run those that turn a good one into 3. */
export function listStrictReasons(causes: readonly Cause[]): string[] {
  return causes
    .filter(({ kind, severity }) => severity === 'warning' && ruleOf(kind).exitCode === 0)
    .map(({ sentence }) => sentence);
}

/** The verdict of a run that is good but for these reasons. */
export function formatStrictVerdict(reasons: readonly string[]): string {
  const shown = reasons.slice(0, SHOWN).join('; ');
  const more = reasons.length > SHOWN ? `; ${reasons.length - SHOWN} more` : '';
  return `WARNINGS (--strict): ${shown}${more}`;
}
