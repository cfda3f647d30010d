/** Ids in a sentence of a run. */

const MAX_LISTED = 100;

/** "[52, 825]", cut after a hundred. */
export function formatIdList(ids: readonly number[]): string {
  const shown = ids.slice(0, MAX_LISTED).join(', ');
  return ids.length > MAX_LISTED ? `[${shown}, … ${ids.length - MAX_LISTED} more]` : `[${shown}]`;
}
