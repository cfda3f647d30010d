/**
 * Everything that a statement's result, or its chance to come to an end, could depend on in a session: set inside each
 * transaction, so that defaults of the server, the database or the role do not matter. What is left out changes plans,
 * places, logs or durability; `test/faults/session-settings.test.ts` compares both lists with pg_settings (decision 072).
 */
import pg from 'pg';

/** How a transaction's own settings differ from those of others. */
export interface TransactionBounds {
  schema: string;
  statementMs: number;
  lockMs: number;
  idleMs: number;
  /** The name that it goes by; undefined: that of the connection. */
  name: string | undefined;
}

/** Settings with one value for all. */
const FIXED: Readonly<Record<string, string>> = {
  // How a statement's text is read.
  standard_conforming_strings: 'on',
  backslash_quote: 'safe_encoding',
  transform_null_equals: 'off',
  array_nulls: 'on',
  timezone_abbreviations: "'Default'",
  // How values come out.
  client_encoding: "'UTF8'",
  timezone: "'UTC'",
  datestyle: "'ISO, YMD'",
  intervalstyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
  xmlbinary: 'base64',
  xmloption: 'content',
  quote_all_identifiers: 'off',
  lc_monetary: "'C'",
  lc_numeric: "'C'",
  lc_time: "'C'",
  // Which rows come, and in which order where none is asked for.
  // An error, where a policy would leave rows out silently: they would look like days that have vanished.
  row_security: 'off',
  gin_fuzzy_search_limit: '0',
  synchronize_seqscans: 'off',
  // Compiling costs more than it gives here.
  jit: 'off',
  // An error ends the statement, not the session.
  exit_on_error: 'off',
  'plpgsql.extra_errors': "'none'",
};

/** The same, of settings that not every version has. */
const OPTIONAL: Readonly<Record<string, string>> = {
  // Our own bounds are narrower, and say which statement it was.
  transaction_timeout: '0',
  restrict_nonsystem_relation_kind: "''",
};

/** SQL: which of the optional settings this server has. Asked outside of a transaction, whose snapshot it would take. */
export const ASK_OPTIONAL = `select name from unnest(array[${Object.keys(OPTIONAL)
  .map((name) => `'${name}'`)
  .join(', ')}]) name where current_setting(name, true) is not null`;

/** Names of all settings that a transaction sets, on a server that has them all. */
export function listSessionSettings(): string[] {
  const named = /^set local ([\w.]+)/;
  const bounds = { schema: 'public', statementMs: 1, lockMs: 1, idleMs: 1, name: 'barwright' };
  return localSettings(bounds, Object.keys(OPTIONAL))
    .split('; ')
    .map((sql) => named.exec(sql)?.[1] as string);
}

/** The statements that begin every transaction. Each is a SET: a select would take the transaction's snapshot. */
export function localSettings(bounds: TransactionBounds, optional: readonly string[]): string {
  const { schema, statementMs, lockMs, idleMs, name } = bounds;
  const had = Object.entries(OPTIONAL).filter(([each]) => optional.includes(each));
  const settings = [
    // First: how the texts that follow are read.
    ...Object.entries(FIXED),
    ...had,
    ['search_path', pg.escapeIdentifier(schema)],
    ['statement_timeout', statementMs],
    ['lock_timeout', lockMs],
    ['idle_in_transaction_session_timeout', idleMs],
    ...(name === undefined ? [] : [['application_name', `'${name}'`]]),
  ];
  return settings.map(([each, value]) => `set local ${each} = ${value}`).join('; ');
}
