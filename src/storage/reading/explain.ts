/** Everything that is stored about one asset, from its source rows to its indicators, for `explain`. */

import type { Day } from '../../domain/calendar/day.js';
import { isShared } from '../../domain/calendar/gaps.js';
import { boundTexts } from '../../domain/text/printable.js';
import { type Asset, findAsset } from '../assets/assets.js';
import { readSharedDays } from '../calendars/shared-days.js';
import { isLive, type LeaseInfo, RUN_LEASE } from '../lease/lease.js';
import { listQuarantine, type QuarantineEntry } from '../planning/quarantine.js';
import { findOwner } from '../prices/extents.js';
import { listFindings, type StoredFinding } from '../prices/findings.js';
import {
  MAX_NAMED,
  type Newest,
  readBarProgress,
  readEmaProgress,
  readIndicatorProgress,
  type SeriesProgress,
} from '../series/progress.js';
import type { Tx } from '../session/database.js';
import { readBesideSource } from '../source/readable.js';
import { oneAsset, partOf, selectFuture, selectSource } from '../source/select.js';
import type { Source } from '../source/source.js';
import { listGaps } from './chart.js';
import { readNow } from './freshness.js';

/** What the source holds of the asset. Times are epoch microseconds. */
export interface StoredSource {
  label: string;
  isTracked: boolean;
  /** Up to the database's now. */
  rows: number;
  firstUs: number | null;
  newestUs: number | null;
  /** Rows after the watermark. */
  waitingRows: number;
  /** Rows dated after the database's now, and the newest of them. */
  futureRows: number;
  futureUs: number | null;
}

export interface StoredDaily {
  lastSrcUs: number | null;
  firstDay: Day | null;
  lastDay: Day | null;
  bars: number;
  lastRunUs: number | null;
  /** When its source was last compared with what its bars were made of, and was the same; null: not since it was built. */
  provenUs: number | null;
}

/** What the newest run that did, or decided, something about the asset did in one component. */
export interface StoredWork {
  component: string;
  run: string;
  command: string;
  startedUs: number;
  status: string;
  action: string;
  reason: string;
  error: string | null;
}

export interface StoredRun {
  run: string;
  command: string;
  startedUs: number;
  status: string;
  exitCode: number | null;
}

export interface StoredReject {
  timestampUs: number;
  action: 'rejected' | 'repaired' | 'accepted';
  reason: string;
}

export interface StoredGap {
  firstDay: Day;
  lastDay: Day;
  /** Source rows of these days that were refused: there is something, but it is no price. */
  refused: number;
  /** Nearly all assets of the same calendar lack its first day: a holiday, or an outage of the vendor. */
  isShared: boolean;
}

export interface StoredNote {
  /** I, U, D, T or F, see price_change.op. */
  op: string;
  /** ±Infinity after a TRUNCATE of an asset without days. */
  fromDay: Day;
  toDay: Day;
  rows: number;
  filedUs: number;
}

export interface StoredExplanation {
  nowUs: number;
  /** null: not registered. */
  asset: Asset | null;
  source: StoredSource;
  daily: StoredDaily | null;
  bars: SeriesProgress;
  emas: SeriesProgress;
  /** null: none is active. */
  indicators: SeriesProgress | null;
  lastRun: StoredRun | null;
  work: StoredWork[];
  rejectCounts: { action: StoredReject['action']; reason: string; count: number }[];
  rejects: StoredReject[];
  gaps: Newest<StoredGap> & { days: number };
  notes: Newest<StoredNote>;
  lease: LeaseInfo | null;
  quarantine: QuarantineEntry[];
  /** Those that are not accepted, the newest days first. */
  findings: StoredFinding[];
}

/** Reads it all in the snapshot of this transaction. */
export async function readExplanation(
  tx: Tx,
  { id, source }: { id: number; source: Source },
): Promise<StoredExplanation> {
  return {
    nowUs: await readNow(tx),
    asset: await findAsset(tx, id),
    source: await readSourceRows(tx, id, source),
    daily: await readDaily(tx, id),
    bars: await readBarProgress(tx, id),
    emas: await readEmaProgress(tx, id),
    indicators: await readIndicatorProgress(tx, id),
    ...(await readWork(tx, id)),
    ...(await readRejects(tx, id)),
    gaps: await readGaps(tx, id, source),
    notes: await readNotes(tx, id),
    quarantine: await listQuarantine(tx, [id]),
    findings: await listFindings(tx, { ids: [id], isOpenOnly: true, limit: MAX_NAMED }),
    lease: await readLeaseHolder(tx),
  };
}

async function readSourceRows(tx: Tx, id: number, source: Source): Promise<StoredSource> {
  const { part } = await findOwner(tx, source, id);
  type Row = [number, number | null, number | null, number, number, number | null];
  const rows = await readBesideSource(tx, { source: partOf(source, part), ids: [id] }, (_, own) =>
    tx.query<Row>(
      `select c.rows, c.first, c.newest, c.waiting, f.rows, f.newest
     from (select count(*) as rows, min(p.ts) as first, max(p.ts) as newest,
             count(*) filter (where p.ts > coalesce(s.last_src_ts, '-infinity')) as waiting
           from (${selectSource(own, oneAsset('$1::int'))}) p
           left join cmc_price_bars_1d_state s on s.id = $1) c,
       (select count(*) as rows, max(p.ts) as newest from (${selectFuture(own.parts[0] ?? part, oneAsset('$1::int'))}) p) f`,
      [id],
    ),
  );
  const [count, firstUs, newestUs, waitingRows, futureRows, futureUs] = rows[0] ?? [
    0,
    null,
    null,
    0,
    0,
    null,
  ];
  const relation = `${part.schema}.${part.name}`;
  const label = part.description === null ? relation : `${part.label} (${relation})`;
  const { isTracked } = part;
  return { label, isTracked, rows: count, firstUs, newestUs, waitingRows, futureRows, futureUs };
}

async function readDaily(tx: Tx, id: number): Promise<StoredDaily | null> {
  const rows = await tx.query<[number | null, Day | null, Day | null, number, number | null, number | null]>(
    `select s.last_src_ts, s.first_day, s.last_day, s.bar_seq, s.last_run_ts, p.proven_at
     from cmc_price_bars_1d_state s left join asset_proof p on p.id = s.id where s.id = $1`,
    [id],
  );
  const row = rows[0];
  if (row === undefined) return null;
  const [lastSrcUs, firstDay, lastDay, bars, lastRunUs, provenUs] = row;
  return { lastSrcUs, firstDay, lastDay, bars, lastRunUs, provenUs };
}

async function readWork(tx: Tx, id: number): Promise<Pick<StoredExplanation, 'lastRun' | 'work'>> {
  const runs = await tx.query<[string, string, number, string, number | null]>(
    'select run::text, command, started_at, status, exit_code from refresh_run order by started_at desc limit 1',
  );
  const work = await tx.query<[string, string, string, number, string, string, string, string | null]>(
    `select distinct on (a.component) a.component, r.run::text, r.command, r.started_at, a.status, a.action, a.reason,
       a.error
     from refresh_asset a join refresh_run r using (run)
     where a.id = $1 order by a.component, r.started_at desc`,
    [id],
  );
  return {
    lastRun:
      boundTexts(runs).map(([run, command, startedUs, status, exitCode]) => ({
        run,
        command,
        startedUs,
        status,
        exitCode,
      }))[0] ?? null,
    work: boundTexts(work).map(([component, run, command, startedUs, status, action, reason, error]) => ({
      component,
      run,
      command,
      startedUs,
      status,
      action,
      reason,
      error,
    })),
  };
}

async function readRejects(tx: Tx, id: number): Promise<Pick<StoredExplanation, 'rejectCounts' | 'rejects'>> {
  const counts = await tx.query<[StoredReject['action'], string, number]>(
    `select action, reason, count(*) from cmc_price_bars_1d_rejects where id = $1
     group by action, reason order by action desc, count(*) desc, reason`,
    [id],
  );
  const newest = await tx.query<[number, StoredReject['action'], string]>(
    `select timestamp, action, reason from cmc_price_bars_1d_rejects where id = $1
     order by timestamp desc, reason limit $2`,
    [id, MAX_NAMED],
  );
  return {
    rejectCounts: counts.map(([action, reason, count]) => ({ action, reason, count })),
    rejects: newest.map(([timestampUs, action, reason]) => ({ timestampUs, action, reason })),
  };
}

/** Days between the first and the last 1D bar that have none though the calendar expects one. */
async function readGaps(tx: Tx, id: number, { expectations }: Source): Promise<StoredExplanation['gaps']> {
  const gaps = (await listGaps(tx, { id, fromDay: null, toDay: null, expectations })).reverse();
  const newest = gaps.slice(0, MAX_NAMED);
  const shared = await readSharedDays(
    tx,
    { id, expectations },
    newest.map(({ firstDay }) => firstDay),
  );
  return {
    count: gaps.length,
    days: gaps.reduce((sum, { days }) => sum + days, 0),
    newest: newest.map(({ firstDay, lastDay, refusedRows }) => ({
      ...{ firstDay, lastDay, refused: refusedRows },
      isShared: isShared(shared.get(firstDay) ?? { missing: 0, assets: 0 }),
    })),
  };
}

async function readNotes(tx: Tx, id: number): Promise<Newest<StoredNote>> {
  const rows = await tx.query<[string, Day, Day, number, number, number]>(
    `select op, from_day, to_day, rows, filed_at, count(*) over () from price_change
     where id = $1 order by filed_at desc limit $2`,
    [id, MAX_NAMED],
  );
  return {
    count: rows[0]?.[5] ?? 0,
    newest: rows.map(([op, fromDay, toDay, count, filedUs]) => ({
      op,
      fromDay,
      toDay,
      rows: count,
      filedUs,
    })),
  };
}

async function readLeaseHolder(tx: Tx): Promise<LeaseInfo | null> {
  const rows = await tx.query<[LeaseInfo]>(
    `select info from refresh_lease l where name = '${RUN_LEASE}' and ${isLive('l')}`,
  );
  return rows[0]?.[0] ?? null;
}
