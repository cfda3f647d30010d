/** One query of an example, asked as a reader in a session of some time zone. */
import pg from 'pg';
import { type Answer, formatAnswer } from './psql-table.js';

const LIMIT_MS = 30_000;
const BEGIN = "'2025-12-01T00:00:00.000Z'";
const END = "'2025-12-31T23:59:59.999Z'";

/** The range of time of a panel, December 2025, in the place of the macros of Grafana's data source. */
export function fillInMacros(sql: string): string {
  return sql
    .replaceAll(/\$__timeFilter\(([^)]+)\)/g, `$1 between ${BEGIN} and ${END}`)
    .replaceAll('$__timeFrom()', BEGIN)
    .replaceAll('$__timeTo()', END);
}

/** Asks one query; the answer is what psql would print, but times are shown in UTC, whatever the session's zone. */
export async function ask(url: string, sql: string, zone = 'UTC'): Promise<string> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: LIMIT_MS,
    query_timeout: LIMIT_MS,
    types: { getTypeParser: () => (value: unknown) => value },
  });
  await client.connect();
  try {
    await client.query(`set timezone = '${zone}'`);
    const { fields, rows } = await client.query<(string | null)[]>({ text: sql, rowMode: 'array' });
    return formatAnswer(
      inUtc({ columns: fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID })), rows }),
    );
  } finally {
    await client.end();
  }
}

/** Instants in sessions of other zones are other texts of the same time; days stay what they are. */
function inUtc({ columns, rows }: Answer): Answer {
  const isTime = columns.map(({ type }) => type === pg.types.builtins.TIMESTAMPTZ);
  return {
    columns,
    rows: rows.map((row) => row.map((value, at) => (isTime[at] && value !== null ? utcOf(value) : value))),
  };
}

/** `2026-01-01 00:59:59.999+01` as `2025-12-31 23:59:59.999+00`. */
function utcOf(time: string): string {
  return `${new Date(time).toISOString().replace('T', ' ').replace('.000', '').slice(0, -1)}+00`;
}
