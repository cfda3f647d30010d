/** Errors of the database, told apart and put into a sentence. */
import pg from 'pg';
import { ALIGNMENTS } from '../domain/timeframe.js';
import { LeaseLostError } from './lease.js';
import { findPermissionAdvice } from './permissions.js';

/**
 * SQLSTATE classes that no single asset can be the reason of: connection, transaction state, authorization, unknown
 * database or schema, missing table or permission, resources used up (disk full), operator, system and internal errors.
 */
const COMMON_CLASSES = ['08', '25', '28', '3D', '3F', '42', '53', '57', '58', 'F0', 'XX'];
/** A statement that took too long may be the work of one batch. */
const STATEMENT_TIMEOUT = '57014';
/** Shutdown, crash, starting up, idle too long in a transaction: the connection is gone. */
const LOST_STATES = ['57P01', '57P02', '57P03', '25P03'];
const LOST_WORDS =
  /ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|ENETUNREACH|EHOSTUNREACH|Connection terminated|connection was cut|not queryable|read timeout|timeout expired|timeout exceeded when trying to connect/;

/** Whether nothing more can be written: the lease or the connection is gone. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof LeaseLostError) return true;
  if (error instanceof pg.DatabaseError) {
    const state = error.code ?? '';
    return state.startsWith('08') || LOST_STATES.includes(state);
  }
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return LOST_WORDS.test(`${code ?? ''} ${error.message}`) || isConnectionLost(error.cause);
}

/** Whether the error would meet every other asset as well. */
export function isCommonFailure(error: unknown): boolean {
  if (isConnectionLost(error)) return true;
  if (!(error instanceof pg.DatabaseError)) return false;
  const state = error.code ?? '';
  return COMMON_CLASSES.includes(state.slice(0, 2)) && state !== STATEMENT_TIMEOUT;
}

/** One sentence for people: table, series, constraint and value where the database says them, and the SQLSTATE. */
export function describeFailure(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return describeFailure(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  if (!(error instanceof pg.DatabaseError)) return oneLine(error.message || error.name);
  const { code, table, constraint } = error;
  const detail = (error.detail ?? '').replace(/\.$/, '');
  if (constraint === undefined || table === undefined) {
    const advice = findPermissionAdvice(error);
    const told = `${error.message} (SQLSTATE ${code}${detail === '' ? '' : `; ${shorten(detail)}`})`;
    return oneLine(advice === null ? told : `${told}; ${advice}`);
  }
  const series = seriesIn(detail);
  return oneLine(
    `${table} refuses a row${series === null ? '' : ` of ${series}`}: constraint ${constraint}, ` +
      `${valueIn(detail, { table, constraint })} (SQLSTATE ${code})`,
  );
}

/** The series that the database's "Failing row contains (…)" or "Key (…)=(…)" is about. */
function seriesIn(detail: string): string | null {
  const cells = detail.split(/[(), ]+/);
  const alignment = ALIGNMENTS.find((name) => cells.includes(name));
  const tf = cells.find((cell) => /^[0-9]+(D|[WMY]_CAL[A-Z_]*)$/.test(cell));
  return alignment === undefined || tf === undefined ? null : `${alignment} ${tf}`;
}

/** What was wrong: the column that the constraint is named after when it is not finite, else the row as it is. */
function valueIn(detail: string, { table, constraint }: { table: string; constraint: string }): string {
  const column = new RegExp(`^${table}_(.+?)_check[0-9]*$`).exec(constraint)?.[1];
  const value = /[(, {](-?Infinity|NaN)[), }]/.exec(detail)?.[1];
  if (column !== undefined && value !== undefined) return `${column} is ${value}`;
  return detail === '' ? 'values not told' : shorten(detail);
}

const MAX_DETAIL = 200;

function shorten(text: string): string {
  return text.length <= MAX_DETAIL ? text : `${text.slice(0, MAX_DETAIL)}…`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
