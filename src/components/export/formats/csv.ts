/** CSV with a header, spelled as PostgreSQL spells it, so that a file reads like one that "export" writes of a single series. */
import { formatDay } from '../../../domain/calendar/day.js';
import { type Cells, type CellType, isNull } from './batch.js';
import type { FileFormat } from './format.js';

export const CSV: FileFormat = {
  extension: 'csv',
  portion: 16_384,
  isOnePortion: false,
  open(sink, columns) {
    let hasHeader = false;
    return {
      async write({ count, cells }) {
        const lines = hasHeader ? [] : [columns.map(({ name }) => name).join()];
        hasHeader = true;
        const formats = columns.map(({ type }, at) => formatterOf(type, cells[at] as Cells));
        for (let row = 0; row < count; row += 1) lines.push(formats.map((format) => format(row)).join());
        await sink.write(Buffer.from(`${lines.join('\n')}\n`));
      },
      async end() {},
    };
  },
};

/** With an apostrophe before it a spreadsheet shows such a text; without, it would compute it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const FORMULA = /^(?=[\s\u0000-\u001f\u007f]*[=+@-]|[\t\r\n])/;

function formatterOf(type: CellType, cells: Cells): (row: number) => string {
  if (Array.isArray(cells)) return (row) => formatText(cells[row] ?? null);
  const spell = SPELLINGS[type as keyof typeof SPELLINGS];
  return (row) => (type !== 'bool' && isNull(cells, row) ? '' : spell(cells[row] as number));
}

const SPELLINGS: Readonly<Record<Exclude<CellType, 'text'>, (value: number) => string>> = {
  int32: String,
  // The shortest text that is read as the same number; PostgreSQL's differs in exponents only.
  float64: String,
  bool: (value) => (value === 1 ? 't' : 'f'),
  day: formatDay,
  time: formatTime,
};

const DAY_US = 86_400_000_000;

/** 2025-12-31 23:59:59.999+00: without zeros at the end of the fraction. */
function formatTime(us: number): string {
  const day = Math.floor(us / DAY_US);
  const rest = us - day * DAY_US;
  const time = [3_600_000_000, 60_000_000, 1_000_000].map((unit, at) =>
    String(Math.floor(rest / unit) % (at === 0 ? 24 : 60)).padStart(2, '0'),
  );
  let fraction = String(rest % 1_000_000).padStart(6, '0');
  while (fraction.endsWith('0')) fraction = fraction.slice(0, -1);
  return `${formatDay(day)} ${time.join(':')}${fraction === '' ? '' : `.${fraction}`}+00`;
}

/** NULL is nothing, and an empty text is quoted: the difference is kept as by COPY. */
function formatText(text: string | null): string {
  if (text === null) return '';
  const safe = text.replace(FORMULA, "'");
  return safe === '' || /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
