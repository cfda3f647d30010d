/** Ages for people, rounded one way everywhere: down. What is not yet 48 hours old is never called so. */

const MOST_HOURS = 24 * 14;

/** "73.2 h" up to two weeks, then "26 days"; "never" for null. */
export function formatAge(hours: number | null): string {
  if (hours === null) return 'never';
  if (Math.abs(hours) >= MOST_HOURS) return `${Math.trunc(hours / 24)} days`;
  return `${(Math.trunc(hours * 10) / 10).toFixed(1)} h`;
}
