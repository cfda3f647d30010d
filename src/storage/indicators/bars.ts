/** Bars as indicators take them in: closed ones after those that they have seen, and the open one of each series. */
import type { Day } from '../../domain/calendar/day.js';
import type { BarAlignment } from '../../domain/calendar/timeframe.js';
import type { BarColumns } from '../../domain/indicators/parts/kind.js';
import type { IndicatorBar } from '../../domain/indicators/series.js';
import { type ColumnType, idList, readRows } from '../copy/copy.js';
import {
  type AssetSeries,
  alignmentList,
  type ByAsset,
  putSeries,
  seriesKey,
  timeframeList,
} from '../series/series.js';
import type { Tx } from '../session/database.js';

/** Closed bars of one series by rising number, and the last day of each. */
export interface ClosedBars extends BarColumns {
  barSeq: Int32Array;
  day: Int32Array;
}

/** A series, and after which of its bars it continues. */
export type BarsWanted = AssetSeries & { afterSeq: number };

/** No bar. */
export const NO_BARS: ClosedBars = columnsOf([]);

type Cells = readonly (number | null)[];

function columnsOf(rows: readonly Cells[]): ClosedBars {
  const numbers = (at: number) => Float64Array.from(rows, (cells) => cells[at] ?? Number.NaN);
  return {
    length: rows.length,
    barSeq: Int32Array.from(rows, (cells) => cells[0] ?? 0),
    day: Int32Array.from(rows, (cells) => cells[1] ?? 0),
    open: numbers(2),
    high: numbers(3),
    low: numbers(4),
    close: numbers(5),
    volume: numbers(6),
  };
}

const TYPES: readonly ColumnType[] = [
  ...(['int4', 'text', 'text', 'int4', 'date'] as const),
  ...(['float8', 'float8', 'float8', 'float8', 'float8'] as const),
];

/** Closed bars of these series, by rising number; of 1D the 1D bars. A series without any has no entry. */
export async function readClosedBars(tx: Tx, wanted: readonly BarsWanted[]): Promise<ByAsset<ClosedBars>> {
  const bars: ByAsset<ClosedBars> = new Map();
  await readInto(tx, bars, {
    wanted: wanted.filter(({ tf }) => tf !== '1D'),
    selectFrom: (values) =>
      // OFFSET 0 keeps it one index range for each series.
      `select p.id, p.alignment, p.tf, p.bar_seq, p.last_day, p.open, p.high, p.low, p.close, p.volume
     from ${values}
     cross join lateral (
       select p.* from price_bars p
       where p.id = w.id and p.alignment = w.alignment and p.tf = w.tf and p.bar_seq > w.after_seq offset 0) p
     order by p.id, p.alignment, p.tf, p.bar_seq`,
  });
  await readInto(tx, bars, {
    wanted: wanted.filter(({ tf }) => tf === '1D'),
    selectFrom: (values) =>
      `select w.id, w.alignment, w.tf, d.bar_seq, d.timestamp::date, d.open, d.high, d.low, d.close, d.volume
     from ${values}
     cross join lateral (
       select * from cmc_price_bars_1d d where d.id = w.id and d.bar_seq > w.after_seq offset 0) d
     order by w.id, d.bar_seq`,
  });
  return bars;
}

async function readInto(
  tx: Tx,
  bars: ByAsset<ClosedBars>,
  { wanted, selectFrom }: { wanted: readonly BarsWanted[]; selectFrom: (values: string) => string },
): Promise<void> {
  if (wanted.length === 0) return;
  const values = `unnest(${idList(wanted.map(({ id }) => id))}, ${alignmentList(wanted.map(({ alignment }) => alignment))},
       ${timeframeList(wanted.map(({ tf }) => tf))}, ${idList(wanted.map(({ afterSeq }) => afterSeq))})
       w (id, alignment, tf, after_seq)`;
  let current: { series: AssetSeries; rows: Cells[] } | null = null;
  const close = () => {
    if (current !== null) putSeries(bars, current.series, columnsOf(current.rows));
  };
  await readRows(tx, { select: selectFrom(values), types: TYPES }, ([id, alignment, tf, ...cells]) => {
    const series = { id, alignment, tf } as AssetSeries;
    if (current === null || current.series.id !== id || seriesKey(current.series) !== seriesKey(series)) {
      close();
      current = { series, rows: [] };
    }
    current.rows.push(cells as Cells);
  });
  close();
}

/** How far one series of bars has come. */
export interface OpenSeries {
  /** Newest 1D day that it has taken in. */
  day: Day;
  /** Number of its newest closed bar, 0: none. */
  closedSeq: number;
  /** The bar that is open; null: there is none. */
  open: IndicatorBar | null;
}

/** Every series of bars of these assets and alignments, with its open bar. 1D is one of multi_tf, and has none. */
export async function readOpenSeries(
  tx: Tx,
  ids: readonly number[],
  alignments: readonly BarAlignment[],
): Promise<ByAsset<OpenSeries>> {
  const series: ByAsset<OpenSeries> = new Map();
  await readRows(
    tx,
    {
      select: `select id, alignment, tf, watermark_day, closed_seq, is_closed, open, high, low, close, volume from bar_carry
     where id = any(${idList(ids)}) and alignment = any(${alignmentList(alignments)})`,
      types: [
        ...(['int4', 'text', 'text?[]', 'date?[]', 'int4?[]', 'bool?[]'] as const),
        ...(['float8?[]', 'float8?[]', 'float8?[]', 'float8?[]', 'float8?[]'] as const),
      ],
    },
    ([id, alignment, ...arrays]) => {
      const [tfs, days, seqs, isClosed, open, high, low, close, volume] = arrays as [
        string[],
        Day[],
        number[],
        (boolean | null)[],
        ...number[][],
      ];
      tfs.forEach((tf, at) => {
        putSeries(series, { id, alignment, tf } as AssetSeries, {
          day: days[at] as Day,
          closedSeq: seqs[at] as number,
          open:
            isClosed[at] === false
              ? {
                  open: open?.[at] as number,
                  high: high?.[at] as number,
                  low: low?.[at] as number,
                  close: close?.[at] as number,
                  volume: volume?.[at] ?? null,
                }
              : null,
        });
      });
    },
  );
  if (alignments.includes('multi_tf')) await putDays(tx, ids, series);
  return series;
}

async function putDays(tx: Tx, ids: readonly number[], series: ByAsset<OpenSeries>): Promise<void> {
  const rows = await tx.query<[number, Day, number]>(
    `select s.id, s.last_day - date '1970-01-01', s.bar_seq from cmc_price_bars_1d_state s
     where s.id = any($1) and s.bar_seq > 0
       and exists (select from dim_timeframe t where t.alignment = 'multi_tf' and t.tf = '1D')`,
    [ids],
  );
  for (const [id, day, closedSeq] of rows)
    putSeries(series, { id, alignment: 'multi_tf', tf: '1D' }, { day, closedSeq, open: null });
}
