/** Source days: read only, from whatever relation they are in. */
import type { DailyPrice } from '../../domain/prices/price.js';
import { bigintList, type ColumnType, idList, readRows } from '../copy/copy.js';
import type { Tx } from '../session/database.js';
import { oneAsset, selectSource } from './select.js';
import type { Source } from './source.js';

const COLUMNS = [
  ['id', 'int4'],
  ['ts', 'timestamptz'],
  ['time_open', 'timestamptz'],
  ['time_close', 'timestamptz'],
  ['time_high', 'timestamptz'],
  ['time_low', 'timestamptz'],
  ['open', 'float8'],
  ['high', 'float8'],
  ['low', 'float8'],
  ['close', 'float8'],
  ['volume', 'float8'],
  ['market_cap', 'float8'],
  ['src_name', 'text'],
  ['src_file', 'text'],
  ['load_ts', 'timestamptz'],
] as const satisfies readonly (readonly [string, ColumnType])[];

type PriceCells = [
  id: number,
  timestampUs: number,
  timeOpenUs: number | null,
  timeCloseUs: number | null,
  timeHighUs: number | null,
  timeLowUs: number | null,
  open: number | null,
  high: number | null,
  low: number | null,
  close: number | null,
  volume: number | null,
  marketCap: number | null,
  name: string | null,
  sourceFile: string | null,
  loadTsUs: number | null,
];

/** Of which assets which days are read. */
export interface PriceScope {
  ids: readonly number[];
  isFromStart?: boolean;
  /** Only later days than these, in the order of `ids`. Epoch microseconds. */
  afterUs?: readonly number[];
}

/**
 * Source days of these assets after the watermark that cmc_price_bars_1d_state holds (all of them without one, or with
 * `isFromStart`), or after times of the caller's, up to the database's now and the source's as-of time. They come by
 * asset, then by timestamp, load_ts (null first) and everything else: the order never depends on chance.
 */
export async function readPrices(
  tx: Tx,
  source: Source,
  { ids, isFromStart, afterUs }: PriceScope,
): Promise<Map<number, DailyPrice[]>> {
  const times = afterUs === undefined ? 'null::bigint[]' : bigintList(afterUs);
  const watermark = `coalesce(s.last_src_ts, '-infinity')`;
  const given = `(to_timestamp(0) + a.us * interval '1 microsecond')`;
  const after = isFromStart ? null : afterUs === undefined ? watermark : given;
  const names = COLUMNS.map(([name]) => `q.${name}`);
  const order = ['q.id', 'q.ts', 'q.load_ts', ...names.filter((name) => !/\.(id|ts|load_ts)$/.test(name))];
  const prices = new Map<number, DailyPrice[]>(ids.map((id) => [id, []]));
  await readRows(
    tx,
    {
      // One index range an asset: the price of a day must not depend on how many came before it.
      select: `select ${names.join(', ')} from unnest(${idList(ids)}, ${times}) a (id, us)
     left join cmc_price_bars_1d_state s on s.id = a.id
     cross join lateral (select * from (
       ${selectSource(source, oneAsset('a.id'), after)}) r offset 0) q
     order by ${order.map((name) => `${name} nulls first`).join(', ')}`,
      types: PRICE_TYPES,
    },
    (cells) => {
      const [id, price] = priceOfCells(cells);
      prices.get(id)?.push(price);
    },
  );
  return prices;
}

/** Types of the columns of selectSource, as COPY sends them. */
export const PRICE_TYPES: readonly ColumnType[] = COLUMNS.map(([, type]) => type);

/** One row of selectSource. */
export function priceOfCells(cells: unknown[]): [id: number, price: DailyPrice] {
  const [id, timestampUs, timeOpenUs, timeCloseUs, timeHighUs, timeLowUs, ...rest] = cells as PriceCells;
  const [open, high, low, close, volume, marketCap, name, sourceFile, loadTsUs] = rest;
  return [
    id,
    {
      timestampUs,
      timeOpenUs,
      timeCloseUs,
      timeHighUs,
      timeLowUs,
      open,
      high,
      low,
      close,
      volume,
      marketCap,
      name,
      sourceFile,
      loadTsUs,
    },
  ];
}
