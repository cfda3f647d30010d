/** What the database itself needs for the rows that a refresh wrote: plain COPY of new rows, one upsert of replaced ones. */
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { timeMs } from './measure.js';
import { withClient } from './server.js';

/** Tables that a refresh fills, with their keys. Rows of the first kind only ever come, those of the second are replaced. */
const APPENDED = ['cmc_price_bars_1d', 'price_rejects', 'price_bars', 'ema_points'] as const;
/**
 * The floor is frozen in the form of 0.1.0 as it was in November 2026, so that ratios compare over time: states are rows
 * for each series. Where they are views over packed rows now, the floor's database has tables of that form.
 */
const REPLACED = {
  cmc_price_bars_1d_state: { key: ['id'], packed: null },
  price_bars_state: { key: ['id', 'alignment', 'tf'], packed: 'bar_carry' },
  ema_state: { key: ['id', 'alignment', 'tf'], packed: 'ema_carry' },
  ema_asset_state: { key: ['id', 'alignment'], packed: 'ema_carry' },
} as const;
/** All of them. */
const TABLES = [...APPENDED, ...Object.keys(REPLACED)] as (
  | keyof typeof REPLACED
  | (typeof APPENDED)[number]
)[];
/** What a refresh writes to now. */
export const WRITTEN_TABLES = [...APPENDED, 'cmc_price_bars_1d_state', 'bar_carry', 'ema_carry'] as const;

/**
 * Which rows of a table were written since a transaction. Of packed states nobody can tell: a build writes all of them, of
 * new days a series without a value moves only when a bar closes.
 */
function writtenSince(table: (typeof TABLES)[number], { xid, isBuild }: Since): string {
  const since = (row: string) => `${row}.xmin::text::bigint >= ${BigInt(xid)}`;
  const packed = table in REPLACED ? REPLACED[table as keyof typeof REPLACED].packed : null;
  if (packed === null) return `select t.* from ${table} t where ${since('t')}`;
  const hasMoved =
    table === 'ema_state' && !isBuild
      ? 'and (cardinality(t.ema) > 0 or t.last_close_day > c.watermark_day - 4)'
      : '';
  return `select t.* from ${table} t join ${packed} c on c.id = t.id and c.alignment = t.alignment
    where ${since('c')} ${hasMoved}`;
}

/** Makes the states of a database that a floor will be timed in tables of the frozen form, with what they hold. */
export async function freezeForm(url: string): Promise<void> {
  await withClient(url, async (client) => {
    for (const [table, { key, packed }] of Object.entries(REPLACED)) {
      if (packed === null) continue;
      await client.query(`alter view ${table} rename to ${table}_packed`);
      await client.query(`create table ${table} with (fillfactor = 45) as select * from ${table}_packed`);
      await client.query(`alter table ${table} add primary key (${key.join(', ')})`);
    }
  });
}

/** Rows of one refresh as files in the binary COPY format. */
export interface WrittenRows {
  rows: number;
  bytes: number;
  fileOf(table: string): string;
  remove(): void;
}

/** The transaction number from which on rows count as written by what comes next. */
export function nextTransaction(url: string): Promise<string> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ xid: string }>('select pg_current_xact_id()::xid::text as xid');
    return rows[0]?.xid ?? '0';
  });
}

/** A moment, by the transaction that came then, and what has written since: a first build, or new days. */
interface Since {
  xid: string;
  isBuild: boolean;
}

/** Exports every row that was inserted or updated since then. */
export async function exportWritten(url: string, since: Since): Promise<WrittenRows> {
  const folder = mkdtempSync(join(tmpdir(), 'barwright-floor-'));
  const fileOf = (table: string) => join(folder, table);
  let [rows, bytes] = [0, 0];
  await withClient(url, async (client) => {
    for (const table of TABLES) {
      const stream = client.query(copyTo(`copy (${writtenSince(table, since)}) to stdout (format binary)`));
      const file = createWriteStream(fileOf(table));
      await pipeline(stream, file);
      rows += stream.rowCount ?? 0;
      bytes += file.bytesWritten;
    }
  });
  return { rows, bytes, fileOf, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface FloorTimes {
  totalMs: number;
  /** What of it the facts took: new 1D bars, closed bars and points, into tables and indexes with all that is there already. */
  factsMs: number;
}

/**
 * The time of the floor in the database `url`, which stands as the refresh found its own: COPY OUT of the source rows that
 * were read, then everything that was written, through one connection and in one transaction.
 */
export async function timeFloor(
  url: string,
  written: WrittenRows,
  { source, isUpsert }: { source: string; isUpsert: boolean },
): Promise<FloorTimes> {
  let factsMs = 0;
  const totalMs = await withClient(url, (client) =>
    timeMs(async () => {
      await client.query('begin');
      await pipeline(client.query(copyTo(`copy (${source}) to stdout (format binary)`)), drain());
      factsMs = await timeMs(async () => {
        for (const table of APPENDED) await copyInto(client, table, written.fileOf(table));
      });
      for (const [table, { key }] of Object.entries(REPLACED)) {
        if (isUpsert) await upsert(client, { table, key, file: written.fileOf(table) });
        else await copyInto(client, table, written.fileOf(table));
      }
      await client.query('commit');
    }),
  );
  return { totalMs, factsMs };
}

function drain(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

/** Plain COPY of a file of exportWritten. */
async function copyInto(client: pg.Client, table: string, file: string): Promise<void> {
  await pipeline(
    createReadStream(file, { highWaterMark: 1 << 18 }),
    client.query(copyFrom(`copy ${table} from stdin (format binary)`)),
  );
}

async function upsert(
  client: pg.Client,
  { table, key, file }: { table: string; key: readonly string[]; file: string },
): Promise<void> {
  await client.query(`create temp table stage on commit drop as select * from ${table} with no data`);
  await copyInto(client, 'stage', file);
  const { rows } = await client.query<{ name: string }>(
    'select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped',
    [table],
  );
  const values = rows.map(({ name }) => name).filter((name) => !key.includes(name));
  await client.query(
    `insert into ${table} select * from stage on conflict (${key.join(', ')})
     do update set ${values.map((name) => `${name} = excluded.${name}`).join(', ')}`,
  );
  await client.query('drop table stage');
}

/** Rows and a hash of all tables that a refresh fills, run times aside: equal when two databases hold the same. */
export async function contentsOf(url: string): Promise<string> {
  return withClient(url, async (client) => {
    const parts: string[] = [];
    for (const table of TABLES) {
      const row = table === 'cmc_price_bars_1d_state' ? `(t.id, t.last_src_ts, t.bar_seq, t.src_hash)` : 't';
      const { rows } = await client.query<{ part: string }>(
        `select count(*) || ' ' || coalesce(bit_xor(hash_record_extended(${row}, 0)), 0) as part from ${table} t`,
      );
      parts.push(`${table} ${rows[0]?.part}`);
    }
    return parts.join('; ');
  });
}
