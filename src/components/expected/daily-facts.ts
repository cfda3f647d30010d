/** What 1D bars and rejects say of themselves: the days that series are made of, and the state that must go with them. */
import { type Day, dayOfUs } from '../../domain/calendar/day.js';
import type { DailyState } from '../../domain/prices/daily-state.js';
import { allocateDays, type DayColumns } from '../../domain/prices/days.js';
import { decodeRow } from '../../storage/copy/decode.js';
import { SHAPES, type StoredAsset } from './stored-asset.js';
import { storedCell } from './stored-cells.js';

/** The part of a 1D state that 1D bars and rejects determine. */
export type DailyFacts = Omit<DailyState, 'srcRows' | 'srcHash' | 'source' | 'splits' | 'rules'>;

/** Where stored 1D bars cannot be taken as they are. */
export interface BrokenDay {
  barSeq: number;
  day: Day;
  /** The number that it should have; null: its day is not after the one before it. */
  expectedSeq: number | null;
}

/** Columns of DayColumns that are stored as they are. */
const NUMBERS = {
  timestampUs: 'timestamp',
  timeOpenUs: 'time_open',
  timeCloseUs: 'time_close',
  timeHighUs: 'time_high',
  timeLowUs: 'time_low',
  open: 'open',
  high: 'high',
  low: 'low',
  close: 'close',
  volume: 'volume',
  marketCap: 'market_cap',
} as const satisfies Partial<Record<keyof DayColumns, string>>;

const NUMBER_CELLS = (Object.entries(NUMBERS) as [keyof typeof NUMBERS, string][]).map(([field, column]) => {
  const at = SHAPES.daily.columns.findIndex(({ name }) => name === column);
  return { field, at };
});
const DAILY_TYPES = SHAPES.daily.columns.map(({ type }) => type);

/** The stored 1D bars as columns; `broken`: the first that does not follow on the one before it. */
export function readStoredDays({ daily }: StoredAsset): {
  days: DayColumns | null;
  broken: BrokenDay | null;
} {
  const rows = [...daily.rows.values()];
  const [first] = rows;
  if (first === undefined) return { days: null, broken: null };
  const days = allocateDays(rows.length, 1, dayOfRow(first));
  let previous = Number.NEGATIVE_INFINITY;
  for (const [index, bytes] of rows.entries()) {
    const cells = decodeRow(bytes, DAILY_TYPES);
    const barSeq = cells[1] as number;
    const day = dayOfUs(cells[2] as number);
    if (barSeq !== index + 1) return { days: null, broken: { barSeq, day, expectedSeq: index + 1 } };
    if (day <= previous) return { days: null, broken: { barSeq, day, expectedSeq: null } };
    previous = day;
    days.day[index] = day;
    for (const { field, at } of NUMBER_CELLS) days[field][index] = (cells[at] as number | null) ?? Number.NaN;
  }
  return { days, broken: null };
}

function dayOfRow(bytes: Buffer): Day {
  return dayOfUs(storedCell(SHAPES.daily, bytes, 'timestamp') as number);
}

/**
 * The state that belongs to the stored 1D bars and rejects: every source row that was read is one or the other, so
 * the newest of both is the watermark. null: there is neither.
 */
export function factsOf({ daily, rejects }: StoredAsset): DailyFacts | null {
  const times = (name: 'daily' | 'rejects') =>
    [...{ daily, rejects }[name].rows.values()].map((bytes) =>
      Number(storedCell(name === 'daily' ? SHAPES.daily : SHAPES.rejects, bytes, 'timestamp')),
    );
  const days = times('daily').map(dayOfUs);
  const all = [...times('daily'), ...times('rejects')].sort((a, b) => a - b);
  if (all.length === 0) return null;
  return {
    lastSrcUs: all.at(-1) ?? null,
    dailyMinSeenUs: all[0] ?? null,
    firstDay: days[0] ?? null,
    lastDay: days.at(-1) ?? null,
    barSeq: days.length,
  };
}
