/** A series of theirs beside ours and beside what the origin's rules make, by revision. */
import type { Day } from '../../domain/calendar/day.js';
import { hasBars, type Timeframe } from '../../domain/calendar/timeframe.js';
import { fillHeadDays, fillTheirBars } from '../../domain/origin/bars.js';
import { type Cells, clearCells, type Grid, makeCells } from '../../domain/origin/cells.js';
import { fillOurEmas, fillTheirEmas } from '../../domain/origin/emas.js';
import { fillDailyBars, type GivenDays, type Revision, theirDailyBars } from '../../domain/origin/given.js';
import { fillOurBars, fillOurDays, type Repairs } from '../../domain/origin/ours.js';
import type { SeriesFacts } from '../../domain/origin/rules.js';
import type { DayColumns } from '../../domain/prices/days.js';
import type { OriginTable } from '../../storage/origin/tables.js';
import { judgeSeries, type Sides, type Verdict } from './judge.js';

/** What both sides of an asset are made of. */
export interface Inputs {
  grid: Grid;
  /** Ours, up to the newest day of both. */
  days: DayColumns;
  repaired: ReadonlyMap<Day, Repairs>;
  /** Rows of the price table up to theirs newest day. */
  given: GivenDays;
  hasSplits: boolean;
  periods: readonly number[];
}

/** A way in which theirs may have come about. */
interface Candidate {
  revision: Revision;
  /** Closes of the EMA grid: of the price table, or of its 1D bars. */
  closes: 'given' | 'bars';
}

/** Room for the three sides of a table, used again for each series. */
export class Workbench {
  readonly sides: Sides;
  readonly #table: OriginTable;
  readonly #inputs: Inputs;
  readonly #dailyBars: Readonly<Record<Revision, GivenDays>>;
  /** The one that explained the last series comes first. */
  #candidates: readonly Candidate[];

  constructor(table: OriginTable, inputs: Inputs) {
    const size = inputs.grid.length * (table.kind === 'emas' ? inputs.periods.length : 1);
    // The rounding of an EMA is a part of it, also in a table that has only its differences.
    const names = table.kind === 'emas' ? [...new Set([...table.columns, 'ema'])] : table.columns;
    const make = (columns: readonly string[]): Cells => makeCells(columns, size);
    this.sides = { theirs: make(table.columns), ours: make(names), model: make(names) };
    this.#table = table;
    this.#inputs = inputs;
    this.#dailyBars = {
      cmc: theirDailyBars(inputs.given, 'cmc'),
      head: theirDailyBars(inputs.given, 'head'),
    };
    this.#candidates = this.#allCandidates();
  }

  /** Periods of which theirs has rows on the bench; null in the place of each other one. */
  periods(): (number | null)[] {
    const { grid, periods } = this.#inputs;
    const { present } = this.sides.theirs;
    return periods.map((period, at) =>
      present.subarray(at * grid.length, (at + 1) * grid.length).includes(1) ? period : null,
    );
  }

  /** Forgets the rows of theirs. */
  clear(): void {
    clearCells(this.sides.theirs);
  }

  #allCandidates(): Candidate[] {
    if (this.#table.isHead) return [{ revision: 'head', closes: 'bars' }];
    const cmc: Candidate[] = [{ revision: 'cmc', closes: 'given' }];
    const isOther = this.#dailyBars.cmc.length !== this.#inputs.given.length;
    if (this.#table.kind === 'emas' && isOther) cmc.push({ revision: 'cmc', closes: 'bars' });
    return [...cmc, { revision: 'head', closes: 'bars' }];
  }

  /** Judges the rows of theirs that are on the bench: by the revision that leaves least unexplained. */
  judge(timeframe: Timeframe): { revision: Revision; verdict: Verdict } {
    clearCells(this.sides.ours);
    this.#fillOurs(timeframe);
    let best: { candidate: Candidate; verdict: Verdict } | null = null;
    for (const candidate of this.#candidates) {
      const verdict = this.#judgeBy(timeframe, candidate);
      if (best === null || verdict.unexplained < best.verdict.unexplained) best = { candidate, verdict };
      if (best.verdict.unexplained === 0) break;
    }
    if (best === null) throw new Error('a table has no candidates');
    const { candidate, verdict } = best;
    this.#candidates = [candidate, ...this.#candidates.filter((each) => each !== candidate)];
    // Findings show what the rules say: of the revision that was chosen.
    if (verdict.unexplained > 0) this.#fillModel(timeframe, candidate);
    return { revision: candidate.revision, verdict };
  }

  #judgeBy(timeframe: Timeframe, candidate: Candidate): Verdict {
    this.#fillModel(timeframe, candidate);
    const facts: SeriesFacts = {
      ...{ kind: this.#table.kind, timeframe, revision: candidate.revision },
      hasSplits: this.#inputs.hasSplits,
    };
    return judgeSeries(this.sides, facts);
  }

  #fillOurs(timeframe: Timeframe): void {
    const { grid, days, repaired } = this.#inputs;
    const { kind, isHead } = this.#table;
    if (kind === 'emas') fillOurEmas(this.sides.ours, grid, { timeframe, periods: this.periods(), days });
    else if (kind === 'bars' && hasBars(timeframe))
      fillOurBars(this.sides.ours, grid, { timeframe, days, isHead });
    else fillOurDays(this.sides.ours, grid, { days, repaired });
  }

  #fillModel(timeframe: Timeframe, { revision, closes }: Candidate): void {
    const { grid, given } = this.#inputs;
    const { kind, isHead } = this.#table;
    const { model } = this.sides;
    clearCells(model);
    const bars = this.#dailyBars[revision];
    const rows = revision === 'head' ? bars : given;
    if (kind === 'emas') {
      const ofGrid = closes === 'bars' || timeframe.alignment === 'v2' ? bars : rows;
      const days = { grid: ofGrid, bars: rows };
      fillTheirEmas(model, grid, { timeframe, periods: this.periods(), revision, days });
    } else if (kind === 'bars' && hasBars(timeframe))
      fillTheirBars(model, grid, { timeframe, revision, days: rows });
    else if (isHead) fillHeadDays(model, grid, bars);
    else fillDailyBars(model, grid, bars);
  }
}
