/** ISO text, UTC, of epoch microseconds. */
export function isoOfUs(us: number): string {
  return new Date(Math.floor(us / 1000)).toISOString();
}
