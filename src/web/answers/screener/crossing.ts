/** When did one line cross another? */

export interface Crossing {
  /** Bars since then; 0: in the newest bar. */
  barsAgo: number;
  /** The fast line went above the slow one. */
  isUp: boolean;
}

/**
 * The newest crossing in the differences fast - slow of consecutive bars, the newest first; null: there is none. Lines that
 * only touch do not cross.
 */
export function findCrossing(gaps: readonly number[]): Crossing | null {
  const now = gaps.findIndex((gap) => gap !== 0);
  if (now < 0) return null;
  const isUp = (gaps[now] ?? 0) > 0;
  const before = gaps.findIndex((gap) => (isUp ? gap < 0 : gap > 0));
  if (before < 0) return null;
  // The oldest bar on the present side, after those that touch.
  let at = before - 1;
  while (gaps[at] === 0) at -= 1;
  return { barsAgo: at, isUp };
}
