/** What a run will say of the days that were just stored: which it refuses or repairs, and which are not plausible. */
import { type Day, dayOfUs } from '../../../domain/calendar/day.js';
import { formatPriceFinding } from '../../../domain/plausibility/finding.js';
import { judgePlausibility } from '../../../domain/plausibility/judge.js';
import { columnsOfBars } from '../../../domain/prices/days.js';
import { formatReject } from '../../../domain/prices/name-rejects.js';
import { judgePrices } from '../../../domain/prices/price.js';
import { effectiveSplits } from '../../../domain/prices/split.js';
import { readSplits } from '../../../storage/assets/splits.js';
import { readRowCount } from '../../../storage/prices/staging.js';
import { readNow } from '../../../storage/reading/freshness.js';
import type { Tx } from '../../../storage/session/database.js';
import { readPrices } from '../../../storage/source/prices.js';
import { readSource } from '../../../storage/source/source.js';

/** Lines of a list, and how many there are in all. */
export interface Named {
  readonly count: number;
  readonly first: readonly string[];
}

/** What is to be said of the days that were written. */
export interface WrittenJudgement {
  /** "2024-01-02: close is 1,000 times that of the day before", the newest first. */
  readonly findings: Named;
  /** "2024-01-02: refused (null_open_close)", "2024-01-02: repaired_low", the newest first. */
  readonly rejects: Named;
}

export const NOTHING_SAID: WrittenJudgement = {
  findings: { count: 0, first: [] },
  rejects: { count: 0, first: [] },
};

const MOST_KEPT = 20;
/** Forty years of days are held at once; of an asset with more rows the run speaks. */
const MOST_ROWS = 15_000;
/** A finding about a day may rest on days after it, so many at most. */
const LOOK_AHEAD_DAYS = 2;

/** Judges the rows of an asset as a run does, and keeps what is about rows that this transaction has written. */
export async function judgeWritten(tx: Tx, id: number): Promise<WrittenJudgement> {
  if ((await readRowCount(tx, id, MOST_ROWS + 1)) > MOST_ROWS) return NOTHING_SAID;
  const source = await readSource(tx, null);
  const prices = (await readPrices(tx, source, { ids: [id], isFromStart: true })).get(id) ?? [];
  const nowUs = await readNow(tx);
  const written = new Set(
    prices.filter(({ loadTsUs }) => loadTsUs === nowUs).map(({ timestampUs }) => dayOfUs(timestampUs)),
  );
  const splits = effectiveSplits(
    (await readSplits(tx, [id])).get(id) ?? [],
    prices.at(-1)?.timestampUs ?? null,
  );
  const { bars, rejects } = judgePrices(prices, 1, { splits });
  const [first] = bars;
  const findings = first === undefined ? [] : judgePlausibility(columnsOfBars(bars, first.day));
  const isWritten = (day: Day) => written.has(day);
  const isNear = (day: Day) =>
    Array.from({ length: LOOK_AHEAD_DAYS + 1 }, (_, ahead) => day + ahead).some(isWritten);
  return {
    findings: nameNewest(
      findings.filter(({ day }) => isNear(day)).map((each) => [each.day, formatPriceFinding(each)]),
    ),
    rejects: nameNewest(
      rejects
        .map((reject): [Day, string] => [dayOfUs(reject.timestampUs), formatReject(reject)])
        .filter(([day]) => isWritten(day)),
    ),
  };
}

function nameNewest(lines: readonly [Day, string][]): Named {
  const sorted = lines.toSorted(([a], [b]) => b - a);
  return { count: lines.length, first: sorted.slice(0, MOST_KEPT).map(([, text]) => text) };
}
