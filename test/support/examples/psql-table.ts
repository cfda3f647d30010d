/** Rows as `psql` prints them. */
import pg from 'pg';

const TYPES = pg.types.builtins;
/** psql puts these to the right. */
const NUMBERS: readonly number[] = [
  TYPES.INT2,
  TYPES.INT4,
  TYPES.INT8,
  TYPES.FLOAT4,
  TYPES.FLOAT8,
  TYPES.NUMERIC,
  TYPES.OID,
];

export interface Answer {
  columns: { name: string; type: number }[];
  /** Values as the server writes them. */
  rows: (string | null)[][];
}

/** An aligned table with its count of rows, without blanks at the ends of lines. */
export function formatAnswer({ columns, rows }: Answer): string {
  const widths = columns.map(({ name }, at) =>
    Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  const line = (cells: string[]) => ` ${cells.join(' | ')}`.trimEnd();
  const head = columns.map(({ name }, at) => centre(name, widths[at] ?? 0));
  const body = rows.map((row) =>
    line(
      columns.map(({ type }, at) => {
        const value = row[at] ?? '';
        const width = widths[at] ?? 0;
        return NUMBERS.includes(type) ? value.padStart(width) : value.padEnd(width);
      }),
    ),
  );
  const rule = widths.map((width) => '-'.repeat(width + 2)).join('+');
  return [line(head), rule, ...body, `(${rows.length} ${rows.length === 1 ? 'row' : 'rows'})`].join('\n');
}

function centre(text: string, width: number): string {
  return text.padStart(text.length + Math.floor((width - text.length) / 2)).padEnd(width);
}
