import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SQL_FOLDER } from '../places.js';
import { DEFAULT_SOURCE } from '../source/source.js';

/** One numbered file of sql/. */
export interface Migration {
  number: number;
  /** File name without `.sql`: `003_bars`. */
  name: string;
  /** sha256 of the text, in hex; a checkout with CRLF line ends has the same. */
  checksum: string;
  sql: string;
}

const FILE_NAME = /^(\d{3})_[a-z0-9_]+\.sql$/;
/** Names that a text creates in a way that CREATED does not see, listed in a comment of it. */
const DECLARED = /^-- creates:(.*)$/gm;
const COMMENT = /--.*$/gm;
const CREATED =
  /\bcreate\s+(?:or\s+replace\s+)?(?:materialized\s+)?(?:table|view|type|function|index|unique\s+index)\s+("?)([a-z_][a-z0-9_]*)\1/gi;

/** The migrations of this version of barwright, in order. Throws on a file name that does not fit or a number twice. */
export function listMigrations(directory: string = SQL_FOLDER): Migration[] {
  const migrations: Migration[] = [];
  for (const file of readdirSync(directory).sort()) {
    const number = Number(FILE_NAME.exec(file)?.[1]);
    if (!(number > 0)) throw new Error(`sql/ expects files like 001_name.sql, found "${file}"`);
    if (migrations.at(-1)?.number === number) throw new Error(`sql/ has number ${number} twice: "${file}"`);
    const sql = readFileSync(join(directory, file), 'utf8').replaceAll('\r\n', '\n');
    const checksum = createHash('sha256').update(sql).digest('hex');
    migrations.push({ number, name: file.slice(0, -'.sql'.length), checksum, sql });
  }
  return migrations;
}

/**
 * Names that a migration takes in the schema: tables, views, types, functions, indexes. What may be there before, as
 * somebody's own, is not among them: the source of prices, and whatever is created `if not exists`. Names made up by
 * the SQL itself are in a comment `-- creates: a, b`.
 */
export function listCreatedNames(migration: Pick<Migration, 'sql'>): string[] {
  const declared = [...migration.sql.matchAll(DECLARED)].flatMap((match) => (match[1] ?? '').split(','));
  const created = [...migration.sql.replace(COMMENT, '').matchAll(CREATED)].map((match) => match[2] ?? '');
  const names = [...created, ...declared].map((name) => name.trim().toLowerCase());
  // "create table if not exists x" and "create index on x" match with the names "if" and "on".
  const others = ['', 'if', 'on', DEFAULT_SOURCE];
  return [...new Set(names)].filter((name) => !others.includes(name));
}
