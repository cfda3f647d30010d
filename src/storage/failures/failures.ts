/** Errors of the database, classified and put into a sentence. */
import pg from 'pg';
import { ALIGNMENTS } from '../../domain/calendar/timeframe.js';
import { hidePassword } from '../settings/secrets.js';
import { LeaseLostError } from './lease-lost.js';
import { findPermissionAdvice } from './permissions.js';
import { findSystemAdvice, isSystemFailure, wordsOf } from './system-failures.js';

/** What an error asks of a run. */
export const FAILURE_CLASSES = [
  /** It passes: the transaction is rolled back, waited for and done again from a fresh snapshot. */
  'retry',
  /** It is about this work: the asset fails, the others continue. */
  'isolate',
  /** It would meet every other asset as well: no more are started, what is committed stays. */
  'stop',
] as const;
export type FailureClass = (typeof FAILURE_CLASSES)[number];

/**
 * SQLSTATE classes that no single asset can be the reason of: connection, transaction state, authorization, unknown
 * database or schema, missing table or permission, resources used up (disk full), operator, system and internal errors.
 */
const COMMON_CLASSES = ['08', '25', '28', '3D', '3F', '42', '53', '57', '58', 'F0', 'XX'];
/** A statement that took too long may be the work of one batch. */
const STATEMENT_TIMEOUT = '57014';
/** Shutdown, crash, starting up, idle too long in a session or a transaction: the connection is gone. */
const LOST_STATES = ['57P01', '57P02', '57P03', '57P05', '25P03'];
/** Serialization failure, deadlock, unknown completion, lock not free in time, too many connections. */
const PASSING_STATES = ['40001', '40P01', '40003', '55P03', '53300'];
/** Each try of these has waited for long already. */
const LOCK_TIMEOUT = '55P03';
/** Conversion and arithmetic; constraints. */
const DATA_CLASSES = ['22', '23'];
const LOST_WORDS =
  /ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|Connection terminated|connection was cut|not queryable|read timeout|timeout expired|timeout exceeded when trying to connect/;

/** The connection was lost during COMMIT: whether it was done is not known. The state must be read again. */
export class CommitUnknownError extends Error {
  override readonly name = 'CommitUnknownError';
  constructor(cause: unknown) {
    super('the connection was lost during COMMIT, so whether it was done is not known', { cause });
  }
}

/** No connection could be made, as a sentence that says what to do. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

/** What a failed attempt to connect is to the rest: an UnreachableError, or the server's own refusal as it is. */
export function connectFailure(error: unknown): unknown {
  if (error instanceof pg.DatabaseError || !hasLostWords(error)) return error;
  return new UnreachableError(
    `the database cannot be reached (${connectWords(error)}): check that PostgreSQL runs there, ` +
      'that host and port of the database URL are right, and that no firewall is between',
  );
}

/** "connect ECONNREFUSED 127.0.0.1:5432": what the system said, of every address that was tried. */
function connectWords(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(connectWords).join(', ');
  if (!(error instanceof Error)) return String(error);
  return oneLine(error.message || (error as NodeJS.ErrnoException).code || error.name);
}

/** The database's own error, also as the cause of another; null: there is none. */
function databaseErrorOf(error: unknown): pg.DatabaseError | null {
  if (error instanceof pg.DatabaseError) return error;
  return error instanceof Error ? databaseErrorOf(error.cause) : null;
}

/** Whether it comes of a lost lease. */
export function isLeaseLost(error: unknown): boolean {
  return error instanceof LeaseLostError || (error instanceof Error && isLeaseLost(error.cause));
}

/** Whether nothing more can be written: the lease or the connection is gone. */
export function isConnectionLost(error: unknown): boolean {
  return isLeaseLost(error) || hasLostWords(error);
}

function hasLostWords(error: unknown): boolean {
  if (error instanceof CommitUnknownError || error instanceof UnreachableError) return true;
  if (error instanceof pg.DatabaseError) {
    const state = error.code ?? '';
    return state.startsWith('08') || LOST_STATES.includes(state);
  }
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return LOST_WORDS.test(`${code ?? ''} ${error.message}`) || hasLostWords(error.cause);
}

/** What the error asks of a run. A lost lease is never waited for: somebody else is writing. */
export function classifyFailure(error: unknown): FailureClass {
  if (isLeaseLost(error) || isSystemFailure(error)) return 'stop';
  const state = databaseErrorOf(error)?.code ?? '';
  if (hasLostWords(error) || PASSING_STATES.includes(state)) return 'retry';
  if (state === STATEMENT_TIMEOUT) return 'isolate';
  return COMMON_CLASSES.includes(state.slice(0, 2)) ? 'stop' : 'isolate';
}

/** Whether the error would meet every other asset as well. */
export function isCommonFailure(error: unknown): boolean {
  return isConnectionLost(error) || classifyFailure(error) === 'stop';
}

/** Whether a statement took longer than it may. */
export function isTimedOut(error: unknown): boolean {
  return databaseErrorOf(error)?.code === STATEMENT_TIMEOUT;
}

/** Whether each try has waited for a lock until its timeout. */
export function isLockTimeout(error: unknown): boolean {
  return databaseErrorOf(error)?.code === LOCK_TIMEOUT;
}

/** Whether the values of an asset are the reason, so that another asset's failure by it is a coincidence. */
export function isDataFailure(error: unknown): boolean {
  const state = databaseErrorOf(error)?.code;
  if (state !== undefined) return DATA_CLASSES.includes(state.slice(0, 2));
  // What our own code says about an asset's days and states is an Error; a TypeError is a fault of the code.
  return error instanceof Error && error.constructor === Error;
}

/** What many assets that fail by the same have in common: the SQLSTATE, and the words without numbers and quoted names. */
export function causeOf(error: unknown): string {
  const found = databaseErrorOf(error);
  const words = found?.message ?? (error instanceof Error ? error.message : String(error));
  // Without numbers a secret would not be known any more.
  const common = oneLine(hidePassword(words))
    .split('"')
    .map((part, index) => (index % 2 === 0 ? part : '…'))
    .join('"')
    .replaceAll(/[0-9]+/g, '#');
  return found?.code === undefined ? common : `${common} (SQLSTATE ${found.code})`;
}

const READ_ONLY = '25006';
const READ_ONLY_ADVICE =
  'the database takes no writes (a standby, or default_transaction_read_only is on for the role or the database): ' +
  'name the primary in the database URL';
/** SQLSTATEs, or how they begin, and what to do about them; the first that fits counts. */
const ADVICE: readonly (readonly [state: string, advice: string])[] = [
  ['53100', 'the disk of the database is full: make room on it, then run again'],
  ['53200', 'the database server has no memory left: give it more, or run it with less beside it'],
  ['53', 'the database server has used up a resource: give it more of it, then run again'],
  ['42501', 'a right is missing: grant it to the role that the database URL names, then run again'],
  ['28', 'the database refuses the login: check user and password of the database URL'],
  ['3D', 'there is no such database: check the name in the database URL, or create it'],
  ['3F', 'the schema is not there: check --schema, or make it with "barwright init"'],
  ['42', 'the tables are not as this barwright made them: run "barwright migrate", then "barwright verify"'],
  [READ_ONLY, READ_ONLY_ADVICE],
];

/** What a person can do about a failure that meets every asset; null: nothing that is known. */
export function findAdvice(error: unknown): string | null {
  const state = databaseErrorOf(error)?.code;
  if (state === undefined) return findSystemAdvice(error);
  return ADVICE.find(([start]) => state.startsWith(start))?.[1] ?? null;
}

/** One sentence for people: table, series, constraint and value where the database says them, and the SQLSTATE. */
export function describeFailure(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return describeFailure(error.errors[0]);
  if (!(error instanceof Error)) return oneLine(wordsOf(error));
  if (!(error instanceof pg.DatabaseError)) {
    const own = oneLine(wordsOf(error));
    return error.cause === undefined ? own : `${own}: ${describeFailure(error.cause)}`;
  }
  const { code, table, constraint } = error;
  const detail = (error.detail ?? '').replace(/\.$/, '');
  if (constraint === undefined || table === undefined) {
    const advice = findPermissionAdvice(error);
    const named = `${wordsOf(error)} (SQLSTATE ${code}${detail === '' ? '' : `; ${shorten(detail)}`})`;
    return oneLine(advice === null ? named : `${named}; ${advice}`);
  }
  const series = seriesIn(detail);
  return oneLine(
    `${table} refuses a row${series === null ? '' : ` of ${series}`}: constraint ${constraint}, ` +
      `${valueIn(detail, { table, constraint })} (SQLSTATE ${code})`,
  );
}

/** The series, or the alignment, that the database's "Failing row contains (…)" or "Key (…)=(…)" is about. */
function seriesIn(detail: string): string | null {
  // Not at every comma: a row that has arrays is about all series of its alignment.
  const cells = detail.split(/, |[()]+/);
  const alignment = ALIGNMENTS.find((name) => cells.includes(name));
  const tf = cells.find((cell) => /^[0-9]+(D|[WMY]_CAL[A-Z_]*)$/.test(cell));
  if (alignment === undefined) return null;
  return tf === undefined ? alignment : `${alignment} ${tf}`;
}

/** What was wrong: the column that the constraint is named after when it is not finite, else the row as it is. */
function valueIn(detail: string, { table, constraint }: { table: string; constraint: string }): string {
  const column = new RegExp(`^${table}_(.+?)_check[0-9]*$`).exec(constraint)?.[1];
  const value = /[(, {](-?Infinity|NaN)[), }]/.exec(detail)?.[1];
  if (column !== undefined && value !== undefined) return `${column} is ${value}`;
  return detail === '' ? 'values not shown' : shorten(detail);
}

const MAX_DETAIL = 200;

function shorten(text: string): string {
  return text.length <= MAX_DETAIL ? text : `${text.slice(0, MAX_DETAIL)}…`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
