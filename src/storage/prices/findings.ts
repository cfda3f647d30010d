/** Findings about accepted days: what is to be judged, what was found, named and accepted. */
import type { Day } from '../../domain/calendar/day.js';
import type { FindingKind, PriceFinding } from '../../domain/plausibility/finding.js';
import { CONTEXT_DAYS, type JudgedDays } from '../../domain/plausibility/judge.js';
import { readRows } from '../copy/copy.js';
import type { Tx } from '../session/database.js';

/** What the end of a run has to do about findings. */
export interface FindingWork {
  /** Assets whose 1D bars have not been judged to their end. */
  unjudged: number;
  /** Findings that no run has named. */
  unnamed: number;
}

/** One short question for every run; most have nothing to do. */
export async function readFindingWork(tx: Tx): Promise<FindingWork> {
  const rows = await tx.query<[number, number]>(
    `select (select count(*) from cmc_price_bars_1d_state where plausible_seq is distinct from bar_seq),
       (select count(*) from price_finding where named_at is null)`,
  );
  const [unjudged, unnamed] = rows[0] ?? [0, 0];
  return { unjudged, unnamed };
}

/** An asset with 1D bars that were not judged. */
export interface UnjudgedAsset {
  id: number;
  /** Its bars. */
  barSeq: number;
  /** Judged up to this one; null: never; below 0: once more from the bar of this number without its sign. */
  judgedSeq: number | null;
}

/** All of them, ascending by id. */
export async function listUnjudged(tx: Tx): Promise<UnjudgedAsset[]> {
  const rows = await tx.query<[number, number, number | null]>(
    `select id, bar_seq, plausible_seq from cmc_price_bars_1d_state
     where plausible_seq is distinct from bar_seq order by id`,
  );
  return rows.map(([id, barSeq, judgedSeq]) => ({ id, barSeq, judgedSeq }));
}

/** The first bar that has not been judged: 1 where all of them are to be. */
export function firstUnjudgedSeq({ judgedSeq, barSeq }: UnjudgedAsset): number {
  if (judgedSeq === null || judgedSeq > barSeq) return 1;
  return judgedSeq < 0 ? -judgedSeq : judgedSeq + 1;
}

/** 1D bars as the rules want them, with the place of the first that was not judged. */
export interface DaysToJudge extends JudgedDays {
  from: number;
}

const DAY_TYPES = ['int4', 'int4', 'date', 'float8', 'float8', 'float8', 'float8', 'float8'] as const;

/** The bars of these assets that were not judged, with the context that the rules need; an asset without bars is left out. */
export async function readDaysToJudge(
  tx: Tx,
  assets: readonly UnjudgedAsset[],
): Promise<Map<number, DaysToJudge>> {
  const wanted = assets.map((asset) => {
    const numbers = [asset.id, firstUnjudgedSeq(asset)];
    // COPY takes no parameters: only integers go into its text.
    if (!numbers.every(Number.isInteger)) throw new Error(`id ${asset.id} has no whole numbers of bars`);
    return `(${numbers.join(', ')})`;
  });
  const firstSeqs = new Map(assets.map((asset) => [asset.id, firstUnjudgedSeq(asset)]));
  const days = new Map<number, DaysToJudge>();
  // The rows of one asset at a time: what is held until the end is columns.
  let [id, rows]: [number | null, unknown[][]] = [null, []];
  const take = () => {
    if (id !== null) days.set(id, daysOfRows(rows, firstSeqs.get(id) ?? 1));
  };
  await readRows(
    tx,
    {
      // OFFSET 0 keeps it one index range for each asset: what a run judges does not cost the bars that it has judged.
      select: `select b.id, b.bar_seq, b.timestamp::date, b.open, b.high, b.low, b.close, b.volume
     from (values ${wanted.join(', ')}) w (id, first_seq)
     cross join lateral (
       select * from cmc_price_bars_1d d where d.id = w.id and d.bar_seq >= w.first_seq - ${CONTEXT_DAYS} offset 0) b
     order by b.id, b.bar_seq`,
      types: DAY_TYPES,
    },
    (row) => {
      if (row[0] !== id) {
        take();
        [id, rows] = [row[0] as number, []];
      }
      rows.push(row);
    },
  );
  take();
  return days;
}

function daysOfRows(rows: readonly unknown[][], firstSeq: number): DaysToJudge {
  const column = (index: number) =>
    Float64Array.from(rows, (row) => (row[index] as number | null) ?? Number.NaN);
  const before = rows.findIndex((row) => (row[1] as number) >= firstSeq);
  return {
    length: rows.length,
    from: before === -1 ? rows.length : before,
    day: Int32Array.from(rows, (row) => row[2] as Day),
    open: column(3),
    high: column(4),
    low: column(5),
    close: column(6),
    volume: column(7),
  };
}

export interface JudgedAssetFindings {
  asset: UnjudgedAsset;
  /** The days after the last one whose judgement stands: all of them were judged. null: every day was. */
  fromDay: Day | null;
  findings: readonly PriceFinding[];
}

/** At a first judging, findings that are more days past than this are old. */
const OLD_DAYS = 30;

/**
 * Remembers what was found, and how far was judged. Among the days that were judged, findings that are no more are
 * deleted. One that was there with this factor keeps when it was found, named and accepted. Returns how many rows were written
 * or deleted.
 */
export async function writeFindings(tx: Tx, judged: readonly JudgedAssetFindings[]): Promise<number> {
  const rows = judged.flatMap(({ asset, findings }) => findings.map((finding) => ({ asset, ...finding })));
  const params = [
    rows.map(({ asset }) => asset.id),
    rows.map(({ day }) => day),
    rows.map(({ kind }) => kind),
    rows.map(({ factor }) => factor),
  ];
  const found = `unnest($1::int[], $2::int[], $3::text[], $4::float8[]) as n (id, day_number, kind, factor)`;
  const deleted = await tx.execute(
    `delete from price_finding f using unnest($5::int[], $6::int[]) as j (id, from_day)
     where f.id = j.id and (j.from_day is null or f.day >= date '1970-01-01' + j.from_day) and not exists (
       select from ${found} where n.id = f.id and date '1970-01-01' + n.day_number = f.day and n.kind = f.kind
         and n.factor = f.factor)`,
    [...params, judged.map(({ asset }) => asset.id), judged.map(({ fromDay }) => fromDay)],
  );
  const written = await tx.execute(
    `insert into price_finding as f (id, day, kind, factor, is_old)
     select n.id, date '1970-01-01' + n.day_number, n.kind, n.factor,
       n.id = any($5::int[]) and date '1970-01-01' + n.day_number < current_date - ${OLD_DAYS}
     from ${found} order by n.id, n.day_number, n.kind
     on conflict (id, day, kind) do nothing`,
    [...params, judged.filter(({ asset }) => asset.judgedSeq === null).map(({ asset }) => asset.id)],
  );
  await tx.execute(
    `update cmc_price_bars_1d_state s set plausible_seq = n.bar_seq
     from unnest($1::int[], $2::int[]) as n (id, bar_seq) where s.id = n.id`,
    [judged.map(({ asset }) => asset.id), judged.map(({ asset }) => asset.barSeq)],
  );
  return deleted + written;
}

/** Bars after these (0: all) have changed: they are judged once more by the end of the run. */
export async function writeUnjudged(
  tx: Tx,
  changed: readonly { id: number; afterSeq: number }[],
): Promise<number> {
  return tx.execute(
    `update cmc_price_bars_1d_state s
     set plausible_seq = case when s.plausible_seq < 0 then greatest(s.plausible_seq, -c.after_seq - 1)
       else -least(s.plausible_seq, c.after_seq) - 1 end
     from unnest($1::int[], $2::int[]) c (id, after_seq) where s.id = c.id and s.plausible_seq is not null`,
    [changed.map(({ id }) => id), changed.map(({ afterSeq }) => afterSeq)],
  );
}

/** Findings of assets that have no 1D bars any more. */
export async function deleteFindingsWithoutBars(tx: Tx): Promise<number> {
  return tx.execute(
    'delete from price_finding f where not exists (select from cmc_price_bars_1d_state s where s.id = f.id)',
  );
}

export interface StoredFinding extends PriceFinding {
  id: number;
  isOld: boolean;
  foundUs: number;
  acceptedUs: number | null;
}

const COLUMNS = 'id, day, kind, factor, is_old, found_at, accepted_at';
type FindingRow = [number, Day, FindingKind, number, boolean, number, number | null];

function findingOfRow([id, day, kind, factor, isOld, foundUs, acceptedUs]: FindingRow): StoredFinding {
  return { id, day, kind, factor, isOld, foundUs, acceptedUs };
}

/** Findings that no run has named and that are not accepted, the newest days first: how many, and the first `limit`. */
export async function listUnnamed(
  tx: Tx,
  { isOld, limit }: { isOld: boolean; limit: number },
): Promise<{ count: number; assets: number; first: StoredFinding[] }> {
  const where = 'where named_at is null and accepted_at is null and is_old = $1';
  const counts = await tx.query<[number, number]>(
    `select count(*), count(distinct id) from price_finding ${where}`,
    [isOld],
  );
  const rows = await tx.query<FindingRow>(
    `select ${COLUMNS} from price_finding ${where} order by day desc, id, kind limit $2`,
    [isOld, limit],
  );
  const [count, assets] = counts[0] ?? [0, 0];
  return { count, assets, first: rows.map(findingOfRow) };
}

/** From now on they have been named. */
export async function writeNamed(tx: Tx): Promise<number> {
  return tx.execute('update price_finding set named_at = now() where named_at is null');
}

export interface FindingFilter {
  /** null: all assets. */
  ids: readonly number[] | null;
  isOpenOnly: boolean;
  /** Leaves out what was old when its asset was first judged. */
  isRecentOnly?: boolean;
  limit: number;
}

/** Findings, the newest days first. */
export async function listFindings(
  tx: Tx,
  { ids, isOpenOnly, isRecentOnly = false, limit }: FindingFilter,
): Promise<StoredFinding[]> {
  const rows = await tx.query<FindingRow>(
    `select ${COLUMNS} from price_finding
     where ($1::int[] is null or id = any($1)) and not ($2 and accepted_at is not null) and not ($3 and is_old)
     order by day desc, id, kind limit $4`,
    [ids, isOpenOnly, isRecentOnly, limit],
  );
  return rows.map(findingOfRow);
}

/** Open findings, for gauges. */
export interface OpenFindings {
  counts: { kind: FindingKind; isOld: boolean; count: number }[];
  /** Of those that were not old when their assets were first judged. */
  newest: StoredFinding[];
}

/** More samples would be a burden to the collector. */
const MOST_SAMPLES = 100;

/** What is open, counted, and the newest one by one. */
export async function readOpenFindings(tx: Tx): Promise<OpenFindings> {
  const counts = await tx.query<[FindingKind, boolean, number]>(
    'select kind, is_old, count(*) from price_finding where accepted_at is null group by 1, 2 order by 1, 2',
  );
  return {
    counts: counts.map(([kind, isOld, count]) => ({ kind, isOld, count })),
    newest: await listFindings(tx, { ids: null, isOpenOnly: true, isRecentOnly: true, limit: MOST_SAMPLES }),
  };
}

/** Open findings by asset, without those that were old when it was first judged. */
export async function readFindingCounts(tx: Tx): Promise<Map<number, number>> {
  const rows = await tx.query<[number, number]>(
    'select id, count(*) from price_finding where accepted_at is null and not is_old group by id order by id',
  );
  return new Map(rows);
}

/** Accepts the open findings of an asset on a day, or on all days before one; returns them. */
export async function writeAccepted(
  tx: Tx,
  id: number,
  days: { on: Day } | { before: Day },
): Promise<StoredFinding[]> {
  const [condition, day] = 'on' in days ? ['day =', days.on] : ['day <', days.before];
  const rows = await tx.query<FindingRow>(
    `update price_finding set accepted_at = now()
     where id = $1 and accepted_at is null and ${condition} date '1970-01-01' + $2::int returning ${COLUMNS}`,
    [id, day],
  );
  return rows.map(findingOfRow).sort((a, b) => a.day - b.day);
}
