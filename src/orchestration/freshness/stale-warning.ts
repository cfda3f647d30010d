/** What a run prints of assets whose bars are stale. The first line is ordered word for word (refresh.md). */
import { formatIdList } from '../program/format-id-list.js';

/** `say` gets the line to print and, where that is cut, the whole one for the log. Nothing is stale: nothing is printed. */
export function warnOfStaleBars(
  say: (text: string, whole?: string) => void,
  staleIds: readonly number[],
  { isWithBars }: { isWithBars: boolean },
): void {
  if (staleIds.length === 0) return;
  const start = `[WARNING] ${staleIds.length} IDs have stale bars: `;
  say(start + formatIdList(staleIds), `${start}[${staleIds.join(', ')}]`);
  if (!isWithBars) say('[INFO] Consider running with --all to refresh bars first');
}
