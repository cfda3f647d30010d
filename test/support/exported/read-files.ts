/** Exported files read back by libraries that did not write them, as plain rows that can be compared. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableFromIPC } from '@uwdata/flechette';
import { parse } from 'csv-parse/sync';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import type { ExportManifest } from '../../../src/components/export/manifest.js';

/** A row: numbers as they are, days and times as PostgreSQL counts them for us, texts, NULL as null. */
export type Row = Record<string, number | boolean | string | null>;

export function readManifest(directory: string, kind: string): ExportManifest {
  return JSON.parse(readFileSync(join(directory, `${kind}.manifest.json`), 'utf8'));
}

/** All rows of the files that a manifest lists, in its order. */
export async function readRows(directory: string, kind: string): Promise<Row[]> {
  const { fileFormat, columns, assets } = readManifest(directory, kind);
  const rows: Row[] = [];
  for (const { path } of assets.flatMap(({ files }) => files)) {
    const file = join(directory, path);
    if (fileFormat === 'parquet') rows.push(...(await readParquet(file)));
    else if (fileFormat === 'arrow') rows.push(...readArrow(file));
    else rows.push(...readCsv(file, columns));
  }
  return rows;
}

async function readParquet(path: string): Promise<Row[]> {
  const rows = await parquetReadObjects({
    file: await asyncBufferFromFile(path),
    parsers: {
      dateFromDays: (days: number) => days,
      timestampFromMicroseconds: (us: bigint) => Number(us),
    } as never,
  });
  return rows as Row[];
}

function readArrow(path: string): Row[] {
  const table = tableFromIPC(readFileSync(path), { useBigInt: true });
  const names = table.schema.fields.map(({ name }) => name);
  const isDay = new Set(table.schema.fields.filter(({ type }) => type.typeId === 8).map(({ name }) => name));
  const isTime = new Set(
    table.schema.fields.filter(({ type }) => type.typeId === 10).map(({ name }) => name),
  );
  return (table.toArray() as Row[]).map((row) =>
    Object.fromEntries(
      names.map((name) => {
        const value = row[name] ?? null;
        // The library gives milliseconds, with a fraction where there are microseconds.
        if (value !== null && isTime.has(name)) return [name, Math.round(Number(value) * 1000)];
        return [name, value !== null && isDay.has(name) ? Number(value) / 86_400_000 : value];
      }),
    ),
  );
}

function readCsv(path: string, columns: ExportManifest['columns']): Row[] {
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const lines: Record<string, string>[] = parse(readFileSync(path), { columns: true });
  return lines.map((line) =>
    Object.fromEntries(
      Object.entries(line).map(([name, text]) => [name, readText(types.get(name) ?? '', text)]),
    ),
  );
}

function readText(type: string, text: string): Row[string] {
  if (text === '') return null;
  if (type === 'text') return text;
  if (type === 'bool') return text === 't';
  if (type === 'day') return Date.parse(`${text}T00:00:00Z`) / 86_400_000;
  if (type !== 'time') return Number(text);
  const [seconds = '', fraction = ''] = text.replace('+00', '').split('.');
  return Date.parse(`${seconds.replace(' ', 'T')}Z`) * 1000 + Number(fraction.padEnd(6, '0'));
}
