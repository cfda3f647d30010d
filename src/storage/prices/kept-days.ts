/** Days that stay though the source does not prove them any more: price_kept. */
import type { Day } from '../../domain/calendar/day.js';
import type { KeepableDay, KeptSums, LostDays } from '../../domain/prices/kept.js';
import type { DailyPrice, KeptReason } from '../../domain/prices/price.js';
import { type CopyColumn, idList, readRows } from '../copy/copy.js';
import { allRows, readDifferences, type TableShape, writeDifferences } from '../copy/differences.js';
import type { Tx } from '../session/database.js';
import { PRICE_TYPES, priceOfCells } from '../source/prices.js';

interface KeptRow {
  id: number;
  price: DailyPrice;
}

/** In the order of the columns of a source row, with the reason at the end. */
const COLUMNS: readonly CopyColumn<KeptRow>[] = [
  { name: 'id', type: 'int4', get: ({ id }) => id },
  { name: 'timestamp', type: 'timestamptz', get: ({ price }) => price.timestampUs },
  { name: 'time_open', type: 'timestamptz', get: ({ price }) => price.timeOpenUs },
  { name: 'time_close', type: 'timestamptz', get: ({ price }) => price.timeCloseUs },
  { name: 'time_high', type: 'timestamptz', get: ({ price }) => price.timeHighUs },
  { name: 'time_low', type: 'timestamptz', get: ({ price }) => price.timeLowUs },
  { name: 'open', type: 'float8', get: ({ price }) => price.open },
  { name: 'high', type: 'float8', get: ({ price }) => price.high },
  { name: 'low', type: 'float8', get: ({ price }) => price.low },
  { name: 'close', type: 'float8', get: ({ price }) => price.close },
  { name: 'volume', type: 'float8', get: ({ price }) => price.volume },
  { name: 'market_cap', type: 'float8', get: ({ price }) => price.marketCap },
  { name: 'src_name', type: 'text', get: ({ price }) => price.name },
  { name: 'src_file', type: 'text', get: ({ price }) => price.sourceFile },
  { name: 'src_load_ts', type: 'timestamptz', get: ({ price }) => price.loadTsUs },
  { name: 'reason', type: 'text', get: ({ price }) => price.kept },
];

const KEPT_SHAPE: TableShape<KeptRow> = {
  table: 'price_kept',
  columns: COLUMNS,
  keyTypes: ['int', 'timestamptz'],
};

const NAMES = COLUMNS.map(({ name }) => name).join(', ');

/** The kept rows of these assets, by asset and in the order of their stamps; an asset without one has no entry. */
export async function readKept(tx: Tx, ids: readonly number[]): Promise<Map<number, DailyPrice[]>> {
  const found = new Map<number, DailyPrice[]>();
  if (ids.length === 0) return found;
  await readRows(
    tx,
    {
      select: `select ${NAMES} from price_kept where id = any(${idList(ids)}) order by id, timestamp`,
      types: COLUMNS.map(({ type }) => type),
    },
    (cells) => {
      const [id, price] = priceOfCells(cells);
      const kept = cells.at(-1) as KeptReason;
      const rows = found.get(id);
      if (rows === undefined) found.set(id, [{ ...price, kept }]);
      else rows.push({ ...price, kept });
    },
  );
  return found;
}

/** What is kept of these assets, in sum; an asset of which nothing is has no entry. */
export async function readKeptSums(tx: Tx, ids: readonly number[]): Promise<Map<number, KeptSums>> {
  const rows = await tx.query<[number, number, number, number]>(
    `select id, count(*) filter (where reason = 'gone'), count(*) filter (where reason = 'refused'), max(timestamp)
     from price_kept where id = any($1) group by id`,
    [ids],
  );
  return new Map(rows.map(([id, gone, refused, newestUs]) => [id, { gone, refused, newestUs }]));
}

/** Makes the kept rows of an asset these; rows that stay are not touched. Returns how many had to be written or deleted, and how many were. */
export async function writeKept(
  tx: Tx,
  id: number,
  prices: readonly DailyPrice[],
): Promise<{ needed: number; written: number }> {
  const expected = prices.map((price) => ({ id, price }));
  const differences = await readDifferences(tx, KEPT_SHAPE, { from: allRows(KEPT_SHAPE, [id]), expected });
  return { needed: differences.length, written: await writeDifferences(tx, KEPT_SHAPE, differences) };
}

const BAR_CELLS = ['time_open', 'time_close', 'time_high', 'time_low'];
const VALUE_CELLS = ['open', 'high', 'low', 'close', 'volume', 'market_cap', 'src_name', 'src_file'];

/**
 * Stored 1D bars of an asset that lie before a time, or at one of these stamps, and are not kept yet; each with its row as given
 * where a repair has recorded it. Times are epoch microseconds.
 */
export async function readKeepable(
  tx: Tx,
  { id, beforeUs, stampsUs }: { id: number; beforeUs: number; stampsUs: readonly number[] },
): Promise<KeepableDay[]> {
  const cells = (row: string, loadTs: string) =>
    ['b.id', 'b.timestamp', ...[...BAR_CELLS, ...VALUE_CELLS].map((name) => `${row}.${name}`), loadTs].join(
      ', ',
    );
  const time = (us: number) => `to_timestamp(0) + ${integer(us)} * interval '1 microsecond'`;
  const stamps = `array[${stampsUs.map(time).join(', ')}]::timestamptz[]`;
  const found: KeepableDay[] = [];
  await readRows(
    tx,
    {
      select: `select ${cells('b', 'b.src_load_ts')}, g.id is not null, ${cells('g', 'b.src_load_ts')}
       from cmc_price_bars_1d b
       left join lateral (
         select * from price_rejects r
         where r.id = b.id and r.timestamp = b.timestamp and r.action = 'repaired' order by r.reason limit 1) g on true
       where b.id = ${integer(id)} and (b.timestamp < ${time(beforeUs)} or b.timestamp = any(${stamps}))
         and not exists (select from price_kept k where k.id = b.id and k.timestamp = b.timestamp)
       order by b.timestamp`,
      types: [...PRICE_TYPES, 'bool', ...PRICE_TYPES],
    },
    (row) => {
      const [, bar] = priceOfCells(row.slice(0, PRICE_TYPES.length));
      const [, given] = priceOfCells(row.slice(PRICE_TYPES.length + 1));
      const isGiven = row[PRICE_TYPES.length] === true;
      found.push({ bar: bar as KeepableDay['bar'], given: isGiven ? given : null });
    },
  );
  return found;
}

/** COPY takes no parameters: only checked integers go into its text. */
function integer(value: number): number {
  if (!Number.isSafeInteger(value)) throw new Error(`${value} is not an integer`);
  return value;
}

/** The days that are kept of one asset for one reason. */
export interface KeptSpan extends LostDays {
  id: number;
  reason: KeptReason;
}

const SPANS = `select k.id, k.reason, count(*), min(k.timestamp)::date, max(k.timestamp)::date from price_kept k`;
type SpanRow = [number, KeptReason, number, Day, Day];

function spanOfRow([id, reason, days, fromDay, toDay]: SpanRow): KeptSpan {
  return { id, reason, days, fromDay, toDay };
}

/** What is kept of these assets (null: of all), by asset and reason. */
export async function listKept(tx: Tx, ids: readonly number[] | null): Promise<KeptSpan[]> {
  const rows = await tx.query<SpanRow>(
    `${SPANS} where $1::int[] is null or k.id = any($1) group by k.id, k.reason order by k.id, k.reason`,
    [ids],
  );
  return rows.map(spanOfRow);
}

/** Whether a run has kept days that none has named. */
export async function readHasUnnamedKept(tx: Tx): Promise<boolean> {
  const rows = await tx.query<[boolean]>('select exists (select from price_kept where named_at is null)');
  return rows[0]?.[0] === true;
}

/**
 * Assets of which days are kept for a reason that no run has named yet, or more than `few` days that none has named: a
 * source that loses a day every night is named once, and again when it loses a month at a time.
 */
export async function listUnnamedKept(tx: Tx, few: number): Promise<KeptSpan[]> {
  const rows = await tx.query<SpanRow>(
    `${SPANS} where exists (select from price_kept u where u.id = k.id and u.reason = k.reason and u.named_at is null)
     group by k.id, k.reason having count(k.named_at) = 0 or count(*) - count(k.named_at) > $1 order by k.id, k.reason`,
    [few],
  );
  return rows.map(spanOfRow);
}

/** From now on they have been named. */
export async function writeKeptNamed(tx: Tx): Promise<number> {
  return tx.execute('update price_kept set named_at = now() where named_at is null');
}
