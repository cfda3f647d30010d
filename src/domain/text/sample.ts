/** Samples that a seed repeats. */

/** Uniform whole numbers below a limit: mulberry32 of Tommy Ettinger, the same everywhere. */
function randomOf(seed: number): (limit: number) => number {
  let state = seed | 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

/** So many percent of the items (rounded, one at least when there are any), in their own order; every choice is equally likely. */
export function sampleOf<T>(items: readonly T[], percent: number, seed: number): T[] {
  const count = Math.min(items.length, Math.max(1, Math.round((items.length * percent) / 100)));
  const random = randomOf(seed);
  const places = items.map((_, place) => place);
  for (let at = 0; at < count; at += 1) {
    const other = at + random(places.length - at);
    [places[at], places[other]] = [places[other] as number, places[at] as number];
  }
  const chosen = new Set(places.slice(0, count));
  return items.filter((_, place) => chosen.has(place));
}
