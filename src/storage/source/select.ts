/** The rows of a source that count: those of days that are over, and were loaded after that. */
import { PROVISIONAL_DAYS } from '../../domain/planning/plan.js';
import { OUR_COLUMNS } from './projection.js';
import type { Source, SourcePart } from './source.js';

/** SQL of the time up to which rows count. */
function nowOf({ asOfUs }: Source): string {
  if (asOfUs === null) return 'now()';
  if (!Number.isSafeInteger(asOfUs))
    throw new Error(`an as-of time in microseconds was expected, got ${asOfUs}`);
  return `(to_timestamp(0) + ${asOfUs} * interval '1 microsecond')`;
}

/** SQL of when the day of a row is over, which is its close; times that say nothing leave the end of its UTC day. */
function endOf(row: string): string {
  const end = `(date_trunc('day', ${row}.ts, 'UTC') + interval '24 h' - interval '1 ms')`;
  return `(case when ${row}.time_close > ${row}.time_open then least(${row}.time_close, ${end} + interval '25 h') else ${end} end)`;
}

/** SQL of whose rows: what an asset's id is compared with. Made by oneAsset or assetsIn. */
export type Whose = `= ${string}`;

/**
 * Rows of the asset whose id an SQL expression gives. Not an array with one element: of that the planner does not see that
 * an index by id and time has its rows in order of time, and reads the whole history for its last row.
 */
export function oneAsset(id: string): Whose {
  return `= ${id}`;
}

/** Rows of the assets whose ids an SQL expression of type int[] gives. */
export function assetsIn(ids: string): Whose {
  return `= any(${ids})`;
}

/** Every row of some assets in one part, with our names and types, without infinite stamps and the far future. */
function selectAll(
  part: SourcePart,
  whose: Whose,
  { raw = false, after = null as string | null } = {},
): string {
  const { projection, relation, otherIds } = part;
  const columns = OUR_COLUMNS.map((column) => `${projection.columns[column]} as ${column}`);
  const conditions = [
    `${projection.idColumn} ${whose}`,
    ...(otherIds.length === 0
      ? []
      : [`${projection.idColumn} <> all('{${otherIds.map(Number).join(',')}}'::int[])`]),
    projection.isFinite,
    projection.rawUpTo('now()'),
    ...(after === null ? [] : [projection.rawAfter(after)]),
  ];
  return `select ${projection.idColumn}::int as id, ${projection.ts} as ts, ${columns.join(', ')}${raw ? `, ${projection.raw} as raw` : ''}
    from ${relation} src where ${conditions.join(' and ')}`;
}

/**
 * SQL of "this row counts", of a row `q` of selectAll. What was taken in already counts whatever its date: a run that is pinned
 * to the past never takes days away that a later one has added. Only the newest day of an asset may be provisional.
 */
function isCounted(source: Source, part: SourcePart): string {
  const now = nowOf(source);
  const taken = `q.ts <= greatest((select s.last_src_ts from cmc_price_bars_1d_state s where s.id = q.id),
      (select max(b.timestamp) from cmc_price_bars_1d b where b.id = q.id))`;
  const isFinal =
    source.acceptProvisional || !part.projection.hasLoadTs
      ? 'true'
      : `q.load_ts is null or q.load_ts > ${endOf('q')} or ${endOf('q')} < ${now} - interval '${PROVISIONAL_DAYS} days'
        or exists (select from (${selectAll(part, oneAsset('q.id'), { after: 'q.ts' })}) l where l.ts > q.ts and ${endOf('l')} < ${now})`;
  // Rows are looked at closely only where they are new: a day ends two days after its stamp at the latest.
  return `(q.ts < ${now} - interval '${PROVISIONAL_DAYS + 3} days'
    or case when ${taken} then true when ${endOf('q')} >= ${now} then false else ${isFinal} end)`;
}

const COLUMNS = ['id', 'ts', ...OUR_COLUMNS].map((column) => `q.${column}`).join(', ');

/**
 * The source's rows as a subquery with our own names and types: id, ts, time_open, time_close, time_high, time_low, open, high,
 * low, close, volume, market_cap, src_name, src_file, load_ts. `after`, an SQL expression of type timestamptz, leaves out what
 * is not newer.
 */
export function selectSource(source: Source, whose: Whose, after: string | null = null): string {
  return source.parts
    .map(
      (part) => `select ${COLUMNS} from (${selectAll(part, whose, { after })}) q
    where ${after === null ? '' : `q.ts > ${after} and `}${isCounted(source, part)}`,
    )
    .join('\n    union all\n    ');
}

/** SQL of the oldest or newest stamp of one asset; `id` is an SQL expression. An index probe where the base table has an index by id and time. */
export function selectEnd(source: Source, id: string, end: 'oldest' | 'newest'): string {
  const direction = end === 'oldest' ? 'asc' : 'desc';
  const ends = source.parts.map(
    (part) => `(select q.ts from (${selectAll(part, oneAsset(id), { raw: true })}) q
      where ${isCounted(source, part)} order by q.raw ${direction} limit 1)`,
  );
  return ends.length === 1
    ? (ends[0] as string)
    : `${end === 'oldest' ? 'least' : 'greatest'}(${ends.join(', ')})`;
}

/** SQL of how many rows of an asset follow on a time; both are SQL expressions. */
export function countAfter(source: Source, id: string, after: string): string {
  return `(select count(*) from (${selectSource(source, oneAsset(id), after)}) w)`;
}

/** Rows of an asset that do not count yet: what they wait for. */
export function selectWaiting(source: Source, whose: Whose): string {
  return source.parts
    .map(
      (
        part,
      ) => `select q.id, q.ts, ${endOf('q')} as ends_at, q.load_ts from (${selectAll(part, whose, { after: `${nowOf(source)} - interval '${PROVISIONAL_DAYS + 3} days'` })}) q
    where ${endOf('q')} < ${nowOf(source)} and not ${isCounted(source, part)}`,
    )
    .join('\n    union all\n    ');
}

/** The newest rows of a part by their column of days, of any asset, as COPY reads them. */
export function selectNewest(part: SourcePart, rows: number): string {
  const { projection, relation } = part;
  const columns = OUR_COLUMNS.map((column) => `${projection.columns[column]} as ${column}`).join(', ');
  return `select ${COLUMNS} from (select ${projection.idColumn}::int as id, ${projection.ts} as ts, ${columns}
      from ${relation} src where ${projection.idColumn} between 1 and 2147483647 and ${projection.isFinite}
      order by ${projection.raw} desc limit ${rows}) q order by q.ts desc, q.id`;
}

/** The newest rows of each of some assets in one part, as COPY reads them: by asset and stamp. */
export function selectNewestOf(
  part: SourcePart,
  { ids, rows }: { ids: readonly number[]; rows: number },
): string {
  const list = `'{${ids.map(Number).join(',')}}'::int[]`;
  return `select ${COLUMNS} from unnest(${list}) a (id)
    cross join lateral (select * from (${selectAll(part, oneAsset('a.id'), { raw: true })}) r order by r.raw desc limit ${rows}) q
    order by q.id, q.ts, q.load_ts nulls first`;
}

/** Stamps of an asset that lie in the future of the database's clock. */
export function selectFuture(part: SourcePart, whose: Whose): string {
  const { projection, relation } = part;
  return `select q.ts from (select ${projection.ts} as ts from ${relation} src
      where ${projection.idColumn} ${whose} and ${projection.isFinite} and ${projection.rawAfter('now()')}
        and ${projection.rawUpTo("timestamptz '275000-01-01Z'")}) q
    where q.ts > now()`;
}

/** The same source, of one part alone. */
export function partOf(source: Source, part: SourcePart): Source {
  return { ...source, parts: [part] };
}
