/** Tells the people behind the channels about a run: what failed, what lasts, what has ended. */
import { hostname } from 'node:os';
import { findConnection } from '../../storage/embedded/connection.js';
import { listAlerts, upsertAlerts } from '../../storage/runs/alerts.js';
import { listDeadRuns } from '../../storage/runs/health.js';
import { type Database, openDatabase } from '../../storage/session/database.js';
import { describeError } from '../program/describe-error.js';
import { type Hide, hideIn } from '../program/secrets.js';
import { VERSION } from '../program/version.js';
import { commandOf } from '../report/record-run.js';
import type { RefreshReport, RefreshRequest } from '../report/refresh-report.js';
import { readAlertFile, writeAlertFile } from './alert-file.js';
import { type AlertCause, type AlertKind, causeOfDeath, listAlertCauses } from './causes.js';
import { findChannels } from './channels.js';
import {
  type AlertEntry,
  type Decision,
  decideAlerts,
  hasEnded,
  mergeEntries,
  NOWHERE,
  settleDecision,
} from './decide.js';
import { deliver } from './deliver.js';
import { type AlertContext, type AlertMessage, composeMessage, plainLine } from './message.js';

export interface AlertOptions {
  request: RefreshRequest;
  hide: Hide;
  logFile: string | null;
  interrupt?: AbortSignal;
  /** A command line to alert by, beside the channels of the environment. */
  command?: string | null;
}

/** Older deaths are not sent any more. */
const DEATH_DAYS = 7;
/** The database may be what is down. */
const WAIT_MS = 3_000;

/** Alerts where there is reason to; returns what went wrong with it, as sentences. */
export async function alertAboutRun(whole: RefreshReport, options: AlertOptions): Promise<string[]> {
  // Hidden before anything is made of it: words, keys, what is remembered.
  const report = hideIn(whole, options.hide) as RefreshReport;
  if (report.interruptedBy !== null) return [];
  const { channels, warnings } = findChannels(process.env, options.command ?? null);
  if (channels.length === 0) return warnings;
  const file = readAlertFile();
  if (file.warning !== null) warnings.push(file.warning);
  const database = await openAlertDatabase(options.request);
  try {
    const stored = database === null ? null : await readStored(database, report);
    const { decision, others } = decide({ report, options, file: file.entries, stored });
    const nowMs = Date.now();
    let isSent = true;
    if (decision.due.length > 0 || decision.ended.length > 0) {
      const message = hideIn(
        composeMessage(decision, contextOf(report, options)),
        options.hide,
      ) as AlertMessage;
      const { interrupt } = options;
      const refusals = await Promise.all(
        channels.map((channel) => deliver(channel, message, { ...(interrupt && { interrupt }) })),
      );
      isSent = refusals.includes(null);
      warnings.push(...refusals.filter((refusal) => refusal !== null));
    }
    const entries = settleDecision(decision, isSent, nowMs);
    warnings.push(
      ...(await remember({ entries, others, nowMs, database: stored === null ? null : database })),
    );
  } finally {
    await database?.close();
  }
  return warnings;
}

/** What of the database is needed here; null when it is not available, and why does not matter: the report says it. */
interface Stored {
  entries: AlertEntry[];
  deaths: AlertCause[];
}

async function openAlertDatabase(request: RefreshRequest): Promise<Database | null> {
  try {
    const { url } = await findConnection({ ...request, mayStart: false });
    return openDatabase(url, {
      schema: request.schema ?? 'public',
      maxConnections: 1,
      connectTimeoutMs: WAIT_MS,
      statementTimeoutMs: WAIT_MS,
    });
  } catch {
    return null;
  }
}

async function readStored(database: Database, report: RefreshReport): Promise<Stored | null> {
  const warehouse = warehouseOf(database.url, database.schema);
  try {
    return await database.read(async (tx) => ({
      entries: (await listAlerts<AlertKind>(tx)).map((entry) => ({ ...entry, warehouse })),
      deaths: (await listDeadRuns(tx, { own: report.run, days: DEATH_DAYS })).map(causeOfDeath),
    }));
  } catch {
    return null;
  }
}

/** `others`: entries of other warehouses in the same file, to be kept as they are. */
function decide(known: {
  report: RefreshReport;
  options: AlertOptions;
  file: readonly AlertEntry[];
  stored: Stored | null;
}): { decision: Decision; others: AlertEntry[] } {
  const { report, options, file, stored } = known;
  const { request } = options;
  const warehouse = warehouseOf(report.database, report.schema);
  const isOurs = (entry: AlertEntry) => entry.warehouse === warehouse || entry.warehouse === NOWHERE;
  const nowMs = Date.now();
  const causes = [...listAlertCauses(report, nowMs), ...(stored?.deaths ?? [])];
  const decision = decideAlerts({
    warehouse,
    causes: causes.map((cause) => ({
      ...cause,
      key: plainLine(cause.key),
      words: plainLine(cause.words),
    })),
    entries: mergeEntries(file.filter(isOurs), stored?.entries ?? []),
    hasEnded: (entry) => hasEnded(entry, request, report),
    nowMs,
  });
  return { decision, others: file.filter((entry) => !isOurs(entry)) };
}

async function remember(memory: {
  entries: readonly AlertEntry[];
  others: readonly AlertEntry[];
  nowMs: number;
  database: Database | null;
}): Promise<string[]> {
  const { entries, others, nowMs, database } = memory;
  const warnings: string[] = [];
  try {
    const hasAny = entries.length + others.length > 0;
    if (hasAny) writeAlertFile([...entries, ...others], nowMs);
  } catch (error) {
    warnings.push(`what was alerted could not be noted beside the logs: ${describeError(error)}`);
  }
  const here = entries.filter((entry) => entry.warehouse !== NOWHERE);
  if (database === null || here.length === 0) return warnings;
  try {
    await database.transaction((tx) => upsertAlerts(tx, here));
  } catch (error) {
    warnings.push(`what was alerted could not be noted in alert_log: ${describeError(error)}`);
  }
  return warnings;
}

/** Host, port, database and schema, without user and password; NOWHERE when no database is known. */
function warehouseOf(url: string | null, schema: string): string {
  const parsed = url === null ? null : URL.parse(url);
  if (parsed === null) return NOWHERE;
  const host = parsed.host === '' ? (parsed.searchParams.get('host') ?? 'localhost') : parsed.host;
  return `${host}${parsed.pathname} schema ${schema}`;
}

function contextOf(report: RefreshReport, { request, logFile }: AlertOptions): AlertContext {
  const { verdict, exitCode, run, startedAt, schema } = report;
  return {
    command: commandOf(request),
    verdict,
    exitCode,
    run,
    startedAt,
    host: hostname(),
    warehouse: warehouseOf(report.database, schema),
    schema,
    version: VERSION,
    logFile,
  };
}
