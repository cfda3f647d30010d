/** Assets that fail run after run: who is skipped, and what their source was when they failed. */

import type { ComponentName } from '../../domain/planning/outcome.js';
import type { SeenRows, SourceRows } from '../../domain/source/fingerprint.js';
import { boundTexts } from '../../domain/text/printable.js';
import { fingerprintOf, ROW_HASHES, STORED_HASH, seenRows } from '../prices/fingerprint.js';
import type { Tx } from '../session/database.js';
import { type ReadApart, readApart } from '../source/readable.js';
import { assetsIn, selectSource } from '../source/select.js';
import type { Source } from '../source/source.js';

/** Source rows as a try could see them, and the splits that were recorded. */
export interface SourceMark extends SourceRows {
  /** Newest row; null: there is none. Epoch microseconds. */
  newestUs: number | null;
  /** As formatSplits has them; announced ones too. */
  splits: string;
}

/** An asset that failed in its last runs in one component. */
export interface QuarantineEntry {
  id: number;
  component: ComponentName;
  /** Runs in a row in which it was tried and failed. */
  failures: number;
  reason: string;
  /** When it was quarantined; null: it is still tried. Epoch microseconds. */
  quarantinedUs: number | null;
  /** null: its source was not looked at before the newest try. */
  mark: SourceMark | null;
}

type EntryRow = [
  id: number,
  component: ComponentName,
  failures: number,
  reason: string,
  quarantinedUs: number | null,
  newestUs: number | null,
  rows: number | null,
  hash: string | null,
  splits: string,
];

/** Entries of these assets (null: all), ascending by id and component. */
export async function listQuarantine(tx: Tx, ids: readonly number[] | null): Promise<QuarantineEntry[]> {
  const rows = await tx.query<EntryRow>(
    `select id, component, failures, reason, quarantined_at, src_ts, src_rows, ${STORED_HASH}, splits
     from asset_quarantine where $1::int[] is null or id = any($1) order by id, component`,
    [ids],
  );
  return rows.map(([id, component, failures, reason, quarantinedUs, newestUs, count, hash, splits]) => ({
    id,
    component,
    failures,
    reason: boundTexts(reason),
    quarantinedUs,
    mark: count === null || hash === null ? null : { newestUs, rows: count, hash, splits },
  }));
}

/** What the source holds of an asset now, and how much of it is not newer than a former mark. */
export interface SourceNow {
  now: Omit<SourceMark, 'splits'>;
  /** Of the rows up to the mark's newest; all of them where the mark had none. */
  upToMark: SeenRows;
}

/** Cells of fingerprintOf. */
type Print = [rows: number, sum: string, xor: string];

/**
 * Reads every source row of these assets: meant for the few that fail. Assets without rows are left out; `unreadable`:
 * those whose rows cannot be read.
 */
export async function readSourceMarks(
  tx: Tx,
  source: Source,
  assets: readonly { id: number; upToUs: number | null }[],
): Promise<ReadApart<SourceNow>> {
  return readApart(
    tx,
    assets.map(({ id }) => id),
    (some) =>
      readMarks(
        tx,
        source,
        assets.filter(({ id }) => some.includes(id)),
      ),
  );
}

async function readMarks(
  tx: Tx,
  source: Source,
  assets: readonly { id: number; upToUs: number | null }[],
): Promise<Map<number, SourceNow>> {
  const rows = await tx.query<[number, number, ...Print, ...Print]>(
    `select w.id, max(ts), ${fingerprintOf()}, ${fingerprintOf('is_before')}
     from (select id, ts, ${ROW_HASHES} from (${selectSource(source, assetsIn('$1::int[]'))}) r) q
     join unnest($1::int[], $2::bigint[]) as w (id, up_to) on w.id = q.id
     cross join lateral (
       select up_to is null or ts <= to_timestamp(0) + up_to * interval '1 microsecond' as is_before) b
     group by w.id`,
    [assets.map(({ id }) => id), assets.map(({ upToUs }) => upToUs)],
  );
  return new Map(
    rows.map(([id, newestUs, count, sum, xor, ...before]) => {
      const { rows: now, hash } = seenRows(count, sum, xor);
      return [id, { now: { newestUs, rows: now, hash }, upToMark: seenRows(...before) }];
    }),
  );
}

/** A failure that counts. */
export interface QuarantineFailure {
  id: number;
  component: ComponentName;
  reason: string;
  mark: SourceMark | null;
}

/**
 * Counts failures of a run, each once however often this is called, and quarantines who has reached `limit`. Returns who
 * was quarantined by this run.
 */
export async function upsertQuarantine(
  tx: Tx,
  failures: readonly QuarantineFailure[],
  { run, limit }: { run: string; limit: number },
): Promise<{ id: number; component: ComponentName }[]> {
  await tx.execute(
    `insert into asset_quarantine as q (id, component, failures, last_run, reason, src_ts, src_rows, src_hash, splits, src_form)
     select id, component, 1, $1, reason, to_timestamp(0) + newest * interval '1 microsecond', rows, hash, splits, 2
     from unnest($2::int[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[])
       as given (id, component, reason, newest, rows, hash, splits)
     order by id, component
     on conflict (id, component) do update set
       failures = q.failures + 1, last_run = excluded.last_run, last_failed_at = clock_timestamp(),
       reason = excluded.reason, src_ts = excluded.src_ts, src_rows = excluded.src_rows,
       src_hash = excluded.src_hash, splits = excluded.splits, src_form = excluded.src_form
     where q.last_run <> excluded.last_run`,
    [
      run,
      failures.map(({ id }) => id),
      failures.map(({ component }) => component),
      failures.map(({ reason }) => reason),
      failures.map(({ mark }) => mark?.newestUs ?? null),
      failures.map(({ mark }) => mark?.rows ?? null),
      failures.map(({ mark }) => mark?.hash ?? null),
      failures.map(({ mark }) => mark?.splits ?? ''),
    ],
  );
  await tx.execute(
    `update asset_quarantine set quarantined_at = clock_timestamp()
     where last_run = $1 and failures >= $2 and quarantined_at is null`,
    [run, limit],
  );
  const rows = await tx.query<[number, ComponentName]>(
    'select id, component from asset_quarantine where last_run = $1 and quarantined_at is not null order by 1, 2',
    [run],
  );
  return rows.map(([id, component]) => ({ id, component }));
}

/** Takes entries away: a success, or a release. Returns how many there were. */
export async function deleteQuarantine(
  tx: Tx,
  entries: readonly { id: number; component: ComponentName }[],
): Promise<number> {
  if (entries.length === 0) return 0;
  return tx.execute(
    `delete from asset_quarantine q using unnest($1::int[], $2::text[]) as gone (id, component)
     where q.id = gone.id and q.component = gone.component`,
    [entries.map(({ id }) => id), entries.map(({ component }) => component)],
  );
}
