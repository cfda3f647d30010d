/** Series that stopped, put into words. */
import { countOf } from '../../domain/causes/format.js';
import type { SeriesStop } from '../expected/step-indicators.js';

/** A sentence for each indicator and reason, with how many series it is about and one of them. */
export function sentencesOfStops(stops: readonly SeriesStop[]): string[] {
  const groups = Map.groupBy(stops, ({ name, why, isPassing }) => JSON.stringify([name, why, isPassing]));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [sentenceOf(first, group)];
  });
}

function sentenceOf(
  { id, alignment, tf, position, name, why, isPassing }: SeriesStop,
  group: readonly SeriesStop[],
): string {
  const assets = new Set(group.map((stop) => stop.id)).size;
  const reach = `in ${group.length} series of ${countOf(assets, 'asset')}`;
  if (isPassing) return `${name} is not computed ${reach}: ${why}; the next run tries again`;
  const place = `bar ${position + 1} of ${tf} (${alignment}) of ID ${id}`;
  const words =
    why ?? `an earlier run said why, and "barwright indicators --ids ${id} --full-rebuild" says it again`;
  return `${name} has no values from some bar on ${reach}, such as ${place}: ${words}`;
}
