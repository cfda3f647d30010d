/** 1D bars: as they are stored, for they are what everything else is made of. */
import type { Day } from '../../../domain/calendar/day.js';
import { DAILY_EXPORT_COLUMNS, readDailyRows } from '../../../storage/reading/export-rows.js';
import type { Tx } from '../../../storage/session/database.js';
import { type Cells, type CellType, type ExportColumn, NULL_INT, roomFor } from '../formats/batch.js';
import {
  type AssetRows,
  fingerprintOf,
  isAsked,
  type KindOfRows,
  newestOf,
  type SeriesChoice,
} from './request.js';

const TYPES: Readonly<Record<(typeof DAILY_EXPORT_COLUMNS)[number][1], CellType>> = {
  int4: 'int32',
  timestamptz: 'time',
  float8: 'float64',
  bool: 'bool',
  text: 'text',
  date: 'day',
};

const COLUMNS: readonly ExportColumn[] = DAILY_EXPORT_COLUMNS.map(([name, type, isNullable]) => ({
  ...{ name, isNullable },
  type: TYPES[type],
}));
const DAY = COLUMNS.findIndex(({ name }) => name === 'day');

export const DAILY_ROWS: KindOfRows = { columns: COLUMNS, read: readDailyOfAsset };

async function readDailyOfAsset(tx: Tx, id: number, choice: SeriesChoice): Promise<AssetRows> {
  const rows = (await readDailyRows(tx, id)).filter((cells) => isAsked(choice, cells[DAY] as Day));
  return {
    watermarkDay: newestOf(rows.slice(-1).map((cells) => cells[DAY] as Day)),
    fingerprint: fingerprintOf([id, rows], []),
    batches: () => [{ rows: rows.length, cellsOf: (column) => columnOf(rows, column) }],
  };
}

function columnOf(rows: readonly unknown[][], column: string): Cells {
  const at = COLUMNS.findIndex(({ name }) => name === column);
  const type = COLUMNS[at]?.type ?? 'text';
  const cells = roomFor(type, rows.length);
  for (const [index, row] of rows.entries()) {
    const value = row[at] as number | boolean | string | null;
    if (Array.isArray(cells)) cells[index] = value as string | null;
    else cells[index] = value === null ? (type === 'int32' ? NULL_INT : Number.NaN) : Number(value);
  }
  return cells;
}
