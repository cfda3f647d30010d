import { DEFAULT_GRACE, type Grace } from '../../domain/calendar/lateness.js';
import { expectationsOf } from '../../domain/source/description.js';
import { UsageError } from '../../domain/text/errors.js';
import { findConnection } from '../../storage/embedded/connection.js';
import { findLastGoodRun, type GoodRun, type GoodRunScope } from '../../storage/runs/health.js';
import { checkSchema } from '../../storage/schema/migrate.js';
import { type Database, openDatabase } from '../../storage/session/database.js';
import { hidePassword } from '../../storage/settings/secrets.js';
import { readSource } from '../../storage/source/source.js';
import { formatLate, listLateAssets } from '../lateness/late-assets.js';
import { readLateness } from '../lateness/read-lateness.js';
import { describeError } from '../program/describe-error.js';
import type { LateAsset } from '../report/late-asset.js';

export const DEFAULT_MAX_AGE_HOURS = 26;

export interface CheckRequest extends GoodRunScope {
  maxAgeHours: number;
  /** Late sources are no reason to fail. */
  allowLate?: boolean;
  lateAfter?: Grace | undefined;
  /** Where newer rows may wait for a refresh, as --source takes it; null: our own table. */
  source: string | null;
  dbUrl?: string;
  embedded?: boolean;
  dataDir?: string;
  schema: string;
}

/** Whether the last good run is young enough, and no asset is late at its source. */
export interface CheckReport {
  version: 1;
  isGood: boolean;
  maxAgeHours: number;
  lastGoodRun: GoodRun | null;
  /** Assets that are late at their source now. */
  late: LateAsset[];
  /** Assets whose bars are late though their source has newer rows, which wait for a refresh. */
  waiting: LateAsset[];
  /** Why nothing could be looked up; null when it could. */
  error: string | null;
  verdict: string;
}

/** A probe waits some seconds, not minutes. */
const LIMITS = { maxConnections: 1, connectTimeoutMs: 3_000, statementTimeoutMs: 3_000 };

/** Looks up the last good run. Writes and starts nothing. Throws UsageError when no database is named. */
export async function checkLastRun(request: CheckRequest): Promise<CheckReport> {
  const { maxAgeHours } = request;
  const report: CheckReport = {
    version: 1,
    isGood: false,
    maxAgeHours,
    lastGoodRun: null,
    late: [],
    waiting: [],
    error: null,
    verdict: '',
  };
  try {
    const { url } = await findConnection({ ...request, mayStart: false });
    const database = openDatabase(url, { ...LIMITS, schema: request.schema });
    try {
      report.lastGoodRun = await findRun(database, request);
      Object.assign(report, await findLate(database, request));
    } finally {
      await database.close();
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    report.error = hidePassword(describeError(error));
  }
  const isYoung = report.lastGoodRun !== null && report.lastGoodRun.ageHours <= maxAgeHours;
  report.isGood = isYoung && report.late.length === 0 && report.waiting.length === 0;
  report.verdict = formatVerdict(report);
  return report;
}

async function findRun(database: Database, scope: GoodRunScope): Promise<GoodRun | null> {
  try {
    return await database.read((tx) => findLastGoodRun(tx, scope));
  } catch (error) {
    // Tables that are not there have a better word than the server's.
    if (error instanceof Error && /does not exist/.test(error.message)) await checkSchema(database);
    throw error;
  }
}

/**
 * Who is late, and whose bars are only because no run has taken the rows that their source has. Where the source cannot be
 * looked at (a probe may have no right to read it), the bars alone are judged.
 */
async function findLate(
  database: Database,
  { allowLate, lateAfter, source }: CheckRequest,
): Promise<Pick<CheckReport, 'late' | 'waiting'>> {
  if (allowLate === true) return { late: [], waiting: [] };
  const scope = {
    ...{ ids: null, grace: lateAfter ?? DEFAULT_GRACE, source: null },
    expectations: expectationsOf(source),
  };
  const byBars = await database.read((tx) => readLateness(tx, scope));
  const late = listLateAssets(byBars.assets).filter(({ state }) => state === 'late');
  if (late.length === 0) return { late, waiting: [] };
  const bySource = await database
    .read(async (tx) => readLateness(tx, { ...scope, source: await readSource(tx, source) }))
    .catch(() => byBars);
  const isLate = new Set(bySource.assets.filter(({ state }) => state === 'late').map(({ id }) => id));
  return {
    late: late.filter(({ id }) => isLate.has(id)),
    waiting: late.filter(({ id }) => !isLate.has(id)),
  };
}

function formatVerdict(report: CheckReport): string {
  const { late, waiting } = report;
  return [
    ...(late.length === 0 ? [] : [`source late: ${formatLate(late)}`]),
    ...(waiting.length === 0 ? [] : [`prices wait for "barwright refresh --all": ${formatLate(waiting)}`]),
    formatRun(report),
  ].join('; ');
}

function formatRun({ lastGoodRun, maxAgeHours, error }: CheckReport): string {
  if (error !== null) return `the last good run cannot be looked up: ${error}`;
  if (lastGoodRun === null) return 'there is no good run';
  const { ageHours, command, finishedAt, run } = lastGoodRun;
  const what = `the last good run ended ${ageHours.toFixed(1)} hours ago: ${command}, ${finishedAt} (run ${run})`;
  return ageHours <= maxAgeHours ? what : `${what}; at most ${maxAgeHours} hours are allowed`;
}
