/** Who is late and who has ceased when a schema is brought up to date: one list, and one command for the old ones. */

import { DEFAULT_GRACE } from '../../domain/calendar/lateness.js';
import { type Cause, newCause } from '../../domain/causes/cause.js';
import { formatCauses } from '../../domain/causes/format.js';
import type { Expectations } from '../../domain/source/expectation.js';
import type { Tx } from '../../storage/session/database.js';
import type { LateAsset } from '../report/late-asset.js';
import { describeWorst, listLateAssets, sinceOf } from './late-assets.js';
import { readLateness } from './read-lateness.js';

/** As much as a summary has room for. */
const MOST_LINES = 20;
const COLUMNS = 120;

/** Lines that name the active assets which the next run finds late or ceased; [] where there are none. Judged by the bars alone. */
export async function listLateLines(tx: Tx, expectations: Expectations): Promise<string[]> {
  const scope = { ids: null, grace: DEFAULT_GRACE, source: null, expectations };
  const { assets, nowUs } = await readLateness(tx, scope);
  const late = listLateAssets(assets);
  const page = {
    lines: MOST_LINES,
    columns: COLUMNS,
    nowMs: nowUs / 1000,
    rest: '"barwright status --late"',
  };
  return formatCauses(causesOf(late), page);
}

function causesOf(late: readonly LateAsset[]): Cause[] {
  const of = (state: LateAsset['state']) => late.filter((each) => each.state === state);
  const [behind, ceased] = [of('late'), of('ceased')];
  return [
    ...(ceased.length === 0
      ? []
      : [
          causeOf('source_ceased', ceased, {
            sentence: `ceased: ${describeWorst(ceased)}, while others of the source arrive; when no more are to come:`,
            command: 'barwright asset calendar ceased none',
          }),
        ]),
    ...(behind.length === 0
      ? []
      : [
          causeOf('source_late', behind, {
            sentence: `late: ${describeWorst(behind)}; a run ends with 3 until they arrive`,
            command: 'barwright refresh --all',
          }),
        ]),
  ];
}

function causeOf(
  kind: 'source_ceased' | 'source_late',
  late: readonly LateAsset[],
  words: { sentence: string; command: string },
): Cause {
  const ids = late.map(({ id }) => id);
  const symbols = late.flatMap(({ id, symbol }) => (symbol === null ? [] : [[id, symbol] as const]));
  return {
    ...newCause(kind, { ids, since: sinceOf(late), ...words }),
    symbols: Object.fromEntries(symbols),
  };
}
