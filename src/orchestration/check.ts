import { UsageError } from '../domain/errors.js';
import { findConnection } from '../storage/connection.js';
import { type Database, openDatabase } from '../storage/database.js';
import { checkSchema } from '../storage/migrate.js';
import { findLastGoodRun, type GoodRun, type GoodRunScope } from '../storage/run-health.js';
import { hidePassword } from '../storage/secrets.js';
import { describeError } from './describe-error.js';

export const DEFAULT_MAX_AGE_HOURS = 26;

export interface CheckRequest extends GoodRunScope {
  maxAgeHours: number;
  dbUrl?: string;
  embedded?: boolean;
  dataDir?: string;
  schema: string;
}

/** Whether the last good run is young enough. */
export interface CheckReport {
  version: 1;
  isGood: boolean;
  maxAgeHours: number;
  lastGoodRun: GoodRun | null;
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
    error: null,
    verdict: '',
  };
  try {
    const { url } = await findConnection({ ...request, mayStart: false });
    const database = openDatabase(url, { ...LIMITS, schema: request.schema });
    try {
      report.lastGoodRun = await findRun(database, request);
    } finally {
      await database.close();
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    report.error = hidePassword(describeError(error));
  }
  report.isGood = report.lastGoodRun !== null && report.lastGoodRun.ageHours <= maxAgeHours;
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

function formatVerdict({ lastGoodRun, maxAgeHours, error }: CheckReport): string {
  if (error !== null) return `the last good run cannot be looked up: ${error}`;
  if (lastGoodRun === null) return 'there is no good run';
  const { ageHours, command, finishedAt, run } = lastGoodRun;
  const what = `the last good run ended ${ageHours.toFixed(1)} hours ago: ${command}, ${finishedAt} (run ${run})`;
  return ageHours <= maxAgeHours ? what : `${what}; at most ${maxAgeHours} hours are allowed`;
}
