/** 1D bars and their state: compared with themselves, or with what the source makes of them. */

import { type Day, dayOfUs, formatDay } from '../../domain/calendar/day.js';
import type { DailyBar } from '../../domain/prices/daily-bar.js';
import type { DailyState } from '../../domain/prices/daily-state.js';
import { columnsOfBars, type DayColumns } from '../../domain/prices/days.js';
import type { JudgedPrices } from '../../domain/prices/price.js';
import type { Finding } from '../../domain/validation/difference.js';
import { compareRows, differingCells, encodeRow } from '../../storage/copy/differences.js';
import { type BrokenDay, factsOf, readStoredDays } from '../expected/daily-facts.js';
import { SHAPES, type StoredAsset } from '../expected/stored-asset.js';
import { storedCell } from '../expected/stored-cells.js';
import type { JudgedSource } from '../writing/judge-source.js';
import { describeDifference, type PlacedDifference, placeDifference } from './describe-difference.js';
import type { SourceDay } from './verdict.js';

export interface ComparedDays {
  /** Of these series are rebuilt; null: of none, or they are broken. */
  days: DayColumns | null;
  /** Series cannot be rebuilt from 1D bars with a hole. */
  isBroken: boolean;
  findings: Finding[];
  sourceDays: SourceDay[] | null;
}

/** Without the source: numbers without holes over rising days, and the state that goes with them. */
export function compareStoredDays(stored: StoredAsset): ComparedDays {
  const { days, broken } = readStoredDays(stored);
  return {
    days,
    isBroken: broken !== null,
    findings: [
      ...(broken === null ? [] : [describeBroken(broken)]),
      ...compareFlags(stored),
      ...compareState(stored.dailyState, factsOf(stored)),
    ],
    sourceDays: null,
  };
}

/** With the source: every 1D bar and reject is what the source's row makes. */
export function compareSourceDays(stored: StoredAsset, source: JudgedSource): ComparedDays {
  const { judged, state } = source;
  const { bars } = judged;
  const daily = compareDaily(stored, bars);
  const rejects = compareRejects(stored, judged);
  const findings = [...daily, ...rejects].map((placed) => describeDifference(placed, stored));
  return {
    days: columnsOfBars(bars, bars[0]?.day ?? 0),
    isBroken: false,
    findings: [...findings, ...compareState(stored.dailyState, state)],
    sourceDays: listDays(findings),
  };
}

/** Columns of 1D bars that say what was repaired, each with its own name as the reason of a reject. */
const FLAGS = ['repaired_timehigh', 'repaired_timelow', 'repaired_high', 'repaired_low'] as const;

/** Every flag of a 1D bar has its record with the values as given, and every record its flag. */
function compareFlags(stored: StoredAsset): Finding[] {
  const recorded = new Set<string>();
  for (const bytes of stored.rejects.rows.values()) {
    const [time, reason] = ['timestamp', 'reason'].map((name) => storedCell(SHAPES.rejects, bytes, name));
    recorded.add(`${time} ${reason}`);
  }
  return [...stored.daily.rows.values()].flatMap((bytes) => {
    const time = storedCell(SHAPES.daily, bytes, 'timestamp') as number;
    return FLAGS.filter(
      (flag) => storedCell(SHAPES.daily, bytes, flag) !== recorded.has(`${time} ${flag}`),
    ).map(
      (flag): Finding => ({
        ...{ table: SHAPES.daily.table, series: null, kind: 'changed', column: flag },
        barSeq: storedCell(SHAPES.daily, bytes, 'bar_seq') as number,
        day: formatDay(dayOfUs(time)),
        stored: String(storedCell(SHAPES.daily, bytes, flag)),
        expected: String(recorded.has(`${time} ${flag}`)),
        remark: `by ${SHAPES.rejects.table}`,
      }),
    );
  });
}

function describeBroken({ barSeq, day, expectedSeq }: BrokenDay): Finding {
  const place = { table: SHAPES.daily.table, series: null, barSeq: expectedSeq ?? barSeq };
  if (expectedSeq !== null) {
    const remark = `the next one is bar_seq ${barSeq} of ${formatDay(day)}; no series was compared`;
    return { ...place, day: null, kind: 'missing', column: null, stored: null, expected: null, remark };
  }
  return {
    ...place,
    ...{ day: formatDay(day), kind: 'changed', column: 'timestamp', stored: formatDay(day) },
    ...{ expected: 'a later day than that of the bar_seq before it', remark: 'no series was compared' },
  };
}

/** By day, so that a day more or less is that one day and not every number after it. */
function compareDaily(stored: StoredAsset, bars: readonly DailyBar[]): PlacedDifference[] {
  const rest = new Map<Day, Buffer[]>();
  for (const bytes of stored.daily.rows.values()) {
    const day = dayOfUs(Number(storedCell(SHAPES.daily, bytes, 'timestamp')));
    rest.set(day, [...(rest.get(day) ?? []), bytes]);
  }
  const place = (bytes: Buffer | null, bar: DailyBar | null) =>
    placeDifference('daily', {
      kind: bytes === null ? 'missing' : bar === null ? 'surplus' : 'changed',
      expected: bar === null ? null : { id: stored.id, bar },
      bytes,
    });
  const found: PlacedDifference[] = [];
  const misnumbered: PlacedDifference[] = [];
  for (const bar of bars) {
    const bytes = rest.get(bar.day)?.shift() ?? null;
    const barSeq = bytes === null ? bar.barSeq : (storedCell(SHAPES.daily, bytes, 'bar_seq') as number);
    const row = encodeRow(SHAPES.daily, { id: stored.id, bar: { ...bar, barSeq } });
    if (bytes === null || differingCells(bytes, row).length > 0) found.push(place(bytes, { ...bar, barSeq }));
    else if (barSeq !== bar.barSeq) misnumbered.push(place(bytes, bar));
  }
  for (const bytes of [...rest.values()].flat()) found.push(place(bytes, null));
  // A day too many or too few explains every number after it.
  return found.some(({ kind }) => kind !== 'changed') ? found : [...found, ...misnumbered];
}

function compareRejects(stored: StoredAsset, { rejects }: JudgedPrices): PlacedDifference[] {
  const expected = rejects.map((reject) => ({ id: stored.id, reject }));
  return compareRows(SHAPES.rejects, stored.rejects.rows, expected).map((each) =>
    placeDifference('rejects', each),
  );
}

function listDays(findings: readonly Finding[]): SourceDay[] {
  const whatByDay = new Map<string, string[]>();
  for (const { table, kind, column, day } of findings) {
    const isReject = table === SHAPES.rejects.table;
    const what = isReject ? `${WORDS_OF_REJECTS[kind]} ${column}` : (WORDS[kind] ?? `${column} changed`);
    if (day !== null) whatByDay.set(day, [...(whatByDay.get(day) ?? []), what]);
  }
  return [...whatByDay]
    .map(([day, what]) => ({ day, what: [...new Set(what)].join(', ') }))
    .sort((a, b) => (a.day < b.day ? -1 : 1));
}

const WORDS: Partial<Record<Finding['kind'], string>> = {
  missing: 'in the source, not in the 1D bars',
  surplus: 'in the 1D bars, not in the source',
};
const WORDS_OF_REJECTS = { missing: 'now', surplus: 'no longer', changed: 'other values of' };

/** Where the rows were read from is no part of what they make. */
type Compared = Omit<DailyState, 'source'>;

const STATE_COLUMNS = {
  lastSrcUs: 'last_src_ts',
  dailyMinSeenUs: 'daily_min_seen',
  firstDay: 'first_day',
  lastDay: 'last_day',
  barSeq: 'bar_seq',
  srcRows: 'src_rows',
  srcHash: 'src_hash',
  splits: 'splits',
  rules: 'rules',
} as const satisfies Record<keyof Compared, string>;

/** The 1D state, in the fields that are known. */
function compareState(stored: DailyState | null, expected: Partial<Compared> | null): Finding[] {
  if (stored === null && expected === null) return [];
  const place = { table: 'cmc_price_bars_1d_state', series: null, barSeq: null, day: null };
  const nothing = { column: null, stored: null, expected: null, remark: null };
  if (stored === null) return [{ ...place, ...nothing, kind: 'missing' }];
  if (expected === null) return [{ ...place, ...nothing, kind: 'surplus' }];
  const fields = (Object.keys(STATE_COLUMNS) as (keyof Compared)[]).filter(
    (field) => field in expected && stored[field] !== expected[field],
  );
  const [first, ...others] = fields;
  if (first === undefined) return [];
  return [
    {
      ...place,
      ...{ kind: 'changed', column: STATE_COLUMNS[first] },
      stored: formatField(first, stored[first]),
      expected: formatField(first, expected[first] ?? null),
      remark: others.length === 0 ? null : `also ${others.map((field) => STATE_COLUMNS[field]).join(', ')}`,
    },
  ];
}

function formatField(field: keyof Compared, value: string | number | null): string | null {
  if (typeof value !== 'number' || !Number.isFinite(value)) return value === null ? null : String(value);
  if (field === 'firstDay' || field === 'lastDay') return formatDay(value);
  return field === 'lastSrcUs' || field === 'dailyMinSeenUs'
    ? new Date(Math.floor(value / 1000)).toISOString()
    : String(value);
}
