/** Rows that the system that barwright replaces wrote itself, where they lie beside the checkout. */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Warehouse } from '../warehouse.js';

/** SQL types of its columns; the others are double precision. */
const TYPES: Readonly<Record<string, RegExp>> = {
  'timestamp with time zone':
    /^(timestamp|ts|time_.*|time(open|close|high|low)|last_ts_half_open|ingested_at|load_ts|src_load_ts)$/,
  boolean: /^(is_.*|roll|roll_bar|repaired_.*)$/,
  text: /^(tf|name|src_.*|source_file|missing_days_where|alignment_source)$/,
  integer: /^(id|period|tf_days|bar_seq|pos_in_bar|count_.*|venue_id|bar_anchor_offset)$/,
  date: /^(first|last)_missing_day$/,
};

function typeOf(column: string): string {
  const type = Object.entries(TYPES).find(([, names]) => names.test(column));
  return type?.[0] ?? 'double precision';
}

/** A table of theirs from its file: columns exactly as there. */
interface RealTable {
  name: string;
  columns: string[];
  csv: Buffer;
}

/** The tables in a folder of CSV files. */
export function readRealTables(folder: string): RealTable[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.csv.gz'))
    .map((file) => {
      const csv = gunzipSync(readFileSync(resolve(folder, file)));
      const columns = csv.toString('utf8', 0, csv.indexOf('\n')).trim().split(',');
      return { name: file.replace(/^HEAD\./, '').replace('.csv.gz', ''), columns, csv };
    });
}

/** Makes and fills these tables in a schema. */
export async function loadRealTables(
  warehouse: Warehouse,
  schema: string,
  tables: readonly RealTable[],
): Promise<void> {
  await warehouse.execute(`create schema if not exists ${schema}`);
  await warehouse.database.transaction(async (tx) => {
    for (const { name, columns, csv } of tables) {
      const list = columns.map((column) => `"${column}" ${typeOf(column)}`).join(', ');
      await tx.execute(`create table ${schema}.${name} (${list})`);
      await tx.copyIn(`copy ${schema}.${name} from stdin (format csv, header)`, [csv]);
    }
  });
  const { roles } = warehouse;
  if (roles === null) return;
  await warehouse.execute(`grant usage on schema ${schema} to ${roles.reader}, ${roles.runner}`);
  await warehouse.execute(
    `grant select on all tables in schema ${schema} to ${roles.reader}, ${roles.runner}`,
  );
}
