/** Rebuilds of one asset's series, each made once for each day that it is asked for. */
import type { Day } from '../../domain/calendar/day.js';
import { hasBars, type Timeframe } from '../../domain/calendar/timeframe.js';
import {
  daysUpTo,
  type RebuiltBars,
  type RebuiltEmas,
  rebuildBars,
  rebuildEmas,
} from '../../domain/planning/rebuild.js';
import type { DayColumns } from '../../domain/prices/days.js';
import { seriesKey } from '../../storage/series/series.js';

/** The accepted days of an asset, and what they make. */
export class Rebuilds {
  readonly days: DayColumns;
  readonly #days = new Map<Day, DayColumns>();
  readonly #bars = new Map<string, RebuiltBars>();
  readonly #emas = new Map<string, RebuiltEmas>();

  /** `days`: all of them, at least one. */
  constructor(days: DayColumns) {
    this.days = days;
  }

  /** The newest day. */
  get lastDay(): Day {
    return this.days.day[this.days.length - 1] as Day;
  }

  /** The days up to and including one. */
  daysUpTo(day: Day): DayColumns {
    return take(this.#days, day, () => daysUpTo(this.days, day));
  }

  /** Bars of a timeframe that has bars, as of a day. */
  barsUpTo(timeframe: Timeframe, day: Day): RebuiltBars {
    const days = this.daysUpTo(day);
    return take(this.#bars, `${seriesKey(timeframe)} ${days.length}`, () => rebuildBars(timeframe, days));
  }

  /** EMAs of a timeframe as of a day. */
  emasUpTo(timeframe: Timeframe, periods: readonly number[], day: Day): RebuiltEmas {
    const days = this.daysUpTo(day);
    return take(this.#emas, `${seriesKey(timeframe)} ${days.length} ${periods}`, () => {
      const closed = hasBars(timeframe) ? this.barsUpTo(timeframe, day).closed : [];
      return rebuildEmas(timeframe, periods, { days, closed });
    });
  }
}

function take<K, V>(made: Map<K, V>, key: K, make: () => V): V {
  const found = made.get(key) ?? make();
  made.set(key, found);
  return found;
}
