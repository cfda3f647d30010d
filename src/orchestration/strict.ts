import type { ComponentResult } from './component-result.js';
import type { RefreshReport } from './refresh-report.js';

const SHOWN = 3;

/** What --strict does not let pass: warnings of the summary, and repairs, rejects and gaps among the days of this run. */
export function listStrictReasons(report: Pick<RefreshReport, 'components' | 'warnings'>): string[] {
  const total = (count: (result: ComponentResult) => number | undefined) =>
    report.components.reduce((sum, result) => sum + (count(result) ?? 0), 0);
  const counts = [
    [total(({ rejects }) => rejects), 'rejects'],
    [total(({ repairs }) => repairs), 'repairs'],
    [total(({ gaps }) => gaps), 'gap days'],
  ] as const;
  return [
    ...report.warnings,
    ...counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`),
  ];
}

/** The verdict of a run that is good but for these reasons. */
export function formatStrictVerdict(reasons: readonly string[]): string {
  const shown = reasons.slice(0, SHOWN).join('; ');
  const more = reasons.length > SHOWN ? `; ${reasons.length - SHOWN} more` : '';
  return `WARNINGS (--strict): ${shown}${more}`;
}
