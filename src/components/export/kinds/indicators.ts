/** Indicators at closes: as they are stored, for your own ones are computed by programs of yours. */
import type { Day } from '../../../domain/calendar/day.js';
import { hasBars, type Timeframe } from '../../../domain/calendar/timeframe.js';
import type { ShownOutput } from '../../../domain/indicators/set.js';
import type { DayColumns } from '../../../domain/prices/days.js';
import { readDays } from '../../../storage/bars/daily-bars.js';
import {
  readShownIndicators,
  readStoredValues,
  type StoredValues,
} from '../../../storage/reading/export-rows.js';
import type { Tx } from '../../../storage/session/database.js';
import { type Cells, constant, type ExportColumn, type RowBatch, roomFor } from '../formats/batch.js';
import {
  type AssetRows,
  fingerprintOf,
  indicatorOf,
  isAsked,
  type KindOfRows,
  newestOf,
  type SeriesChoice,
} from './request.js';

const COLUMNS: readonly ExportColumn[] = [
  { name: 'id', type: 'int32', isNullable: false },
  { name: 'alignment', type: 'text', isNullable: false },
  { name: 'tf', type: 'text', isNullable: false },
  { name: 'day', type: 'day', isNullable: false },
  { name: 'ts', type: 'time', isNullable: false },
  { name: 'name', type: 'text', isNullable: false },
  { name: 'value', type: 'float64', isNullable: false },
];

export const INDICATOR_ROWS: KindOfRows = { columns: COLUMNS, read: readIndicatorRows };

/** Values of one series, with what they mean. */
interface Series {
  timeframe: Timeframe;
  outputs: readonly ShownOutput[];
  stored: StoredValues;
}

async function readIndicatorRows(tx: Tx, id: number, choice: SeriesChoice): Promise<AssetRows> {
  const shown = await readShownIndicators(tx, id);
  const series: Series[] = [];
  for (const { outputs, ...alignment } of shown) {
    const timeframes = choice.timeframes.filter(
      (each) => each.alignment === alignment.alignment && (hasBars(each) || each.tf === '1D'),
    );
    const stored = await readStoredValues(tx, id, { ...alignment, tfs: timeframes.map(({ tf }) => tf) });
    const asked = outputs
      .filter(({ name }) => isNamed(choice, name))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const timeframe of timeframes) {
      const values = stored.get(timeframe.tf);
      if (values !== undefined) series.push({ timeframe, outputs: asked, stored: values });
    }
  }
  const days = series.length === 0 ? null : ((await readDays(tx, [{ id, afterDay: null }])).get(id) ?? null);
  const times = timesOf(days);
  return {
    watermarkDay: newestOf(series.map(({ stored }) => stored.days.at(-1) as Day)),
    fingerprint: fingerprintOf(
      [
        id,
        series.map(({ timeframe: { alignment, tf }, outputs, stored }) => [
          alignment,
          tf,
          outputs,
          stored.days.map((day) => [day, times.get(day)]),
        ]),
      ],
      series.flatMap(({ stored }) => stored.values),
    ),
    *batches() {
      for (const each of series) yield batchOf(id, each, { choice, times });
    },
  };
}

/** A name stands for all its outputs: macd_12_26_9 for macd_12_26_9.signal too. */
function isNamed({ indicators }: SeriesChoice, output: string): boolean {
  return indicators === null || indicators.includes(output) || indicators.includes(indicatorOf(output));
}

/** time_close by day. */
function timesOf(days: DayColumns | null): Map<Day, number> {
  return new Map(
    Array.from({ length: days?.length ?? 0 }, (_, index) => [
      days?.day[index] as Day,
      days?.timeCloseUs[index] as number,
    ]),
  );
}

interface Value {
  day: Day;
  name: string;
  value: number;
}

function batchOf(
  id: number,
  { timeframe, outputs, stored }: Series,
  { choice, times }: { choice: SeriesChoice; times: ReadonlyMap<Day, number> },
): RowBatch {
  const values = outputs.flatMap((output) =>
    valuesOf(output, stored).filter(({ day }) => isAsked(choice, day)),
  );
  const numbers = (type: 'day' | 'time' | 'float64', get: (value: Value) => number): Cells => {
    const cells = roomFor(type, values.length) as Float64Array;
    for (const [index, value] of values.entries()) cells[index] = get(value);
    return cells;
  };
  const makers: Readonly<Record<string, () => Cells>> = {
    id: () => constant('int32', id, values.length),
    alignment: () => constant('text', timeframe.alignment, values.length),
    tf: () => constant('text', timeframe.tf, values.length),
    day: () => numbers('day', ({ day }) => day),
    ts: () => numbers('time', ({ day }) => times.get(day) ?? Number.NaN),
    name: () => values.map(({ name }) => name),
    value: () => numbers('float64', ({ value }) => value),
  };
  return { rows: values.length, cellsOf: (column) => makers[column]?.() ?? [] };
}

/** An output at the closes at which it has a value: a stored one, or the sum or difference of two. */
function valuesOf({ name, of, plus }: ShownOutput, { days, values }: StoredValues): Value[] {
  return days.flatMap((day, index) => {
    const stored = values[index] as Float64Array;
    const value = stored[of - 1] ?? Number.NaN;
    const other = plus === 0 ? 0 : (stored[Math.abs(plus) - 1] ?? Number.NaN);
    const shown = plus === 0 ? value : plus > 0 ? value + other : value - other;
    return Number.isNaN(shown) ? [] : [{ day, name, value: shown }];
  });
}
