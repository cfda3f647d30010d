/** Finds the list of days in a JSON document of any shape, and what else it says. */

/** Whether names are those of columns that are looked for. */
export type IsHeader = (names: readonly string[]) => boolean;

export interface JsonRecords {
  /** null: the records are lists. */
  readonly header: readonly string[] | null;
  readonly records: readonly (readonly string[])[];
}

/** No document of prices is deeper or has more parts beside its days. */
const MOST_DEPTH = 8;
const MOST_PARTS = 2000;
/** A day in a list has its time, four prices and perhaps more. */
const FEWEST_CELLS = 5;

/** The days of a document: those whose names are known, else the longest list of records; null: there are none. */
export function findRecords(document: unknown, isHeader: IsHeader): JsonRecords | null {
  const parts = listParts(document);
  for (const part of parts) {
    const found = recordsOf(part, isHeader);
    if (found !== null) return found;
  }
  const lists = parts.filter(
    (part): part is unknown[] => Array.isArray(part) && part.length > 0 && part.every(isObject),
  );
  const longest = lists.toSorted((a, b) => b.length - a.length)[0];
  return longest === undefined ? null : ofObjects(longest);
}

/** Texts and numbers beside the days, by the names that lead to them. */
export function listFacts(document: unknown): Map<string, string> {
  const facts = new Map<string, string>();
  const visit = (value: unknown, path: string, depth: number) => {
    if (facts.size > 50 || depth > MOST_DEPTH) return;
    if (typeof value === 'string' || typeof value === 'number') facts.set(path, String(value).slice(0, 300));
    // Of a list only its first part: the rest are days.
    else if (Array.isArray(value)) visit(value[0], path, depth + 1);
    else if (isObject(value))
      for (const [key, inner] of Object.entries(value).slice(0, 50))
        visit(inner, path === '' ? key : `${path}.${key}`, depth + 1);
  };
  visit(document, '', 0);
  return facts;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

/** The document and what is in it, the outer parts before the inner ones. */
function listParts(document: unknown): unknown[] {
  let level = [document];
  const parts: unknown[] = [];
  for (let depth = 0; depth < MOST_DEPTH && level.length > 0 && parts.length < MOST_PARTS; depth += 1) {
    parts.push(...level);
    level = level.flatMap((part) => {
      const inner = Array.isArray(part)
        ? part.slice(0, 20)
        : isObject(part)
          ? Object.values(part).slice(0, 100)
          : [];
      return inner.filter((value) => !isScalar(value));
    });
  }
  return parts;
}

function recordsOf(part: unknown, isHeader: IsHeader): JsonRecords | null {
  if (Array.isArray(part)) return ofList(part, isHeader);
  if (!isObject(part)) return null;
  return (
    ofSplit(part, isHeader) ?? ofDayKeys(part, isHeader) ?? ofColumns(part, isHeader) ?? ofOne(part, isHeader)
  );
}

function ofList(list: readonly unknown[], isHeader: IsHeader): JsonRecords | null {
  const [first, second] = list;
  if (Array.isArray(first)) {
    const names = first.map(toCell);
    // A list of lists whose first holds the names.
    if (Array.isArray(second) && isHeader(names)) return { header: names, records: ofLists(list.slice(1)) };
    const isDay = first.length >= FEWEST_CELLS && first.every(isScalar);
    return isDay ? { header: null, records: ofLists(list) } : null;
  }
  if (!isObject(first) || !isHeader([...flatten(first).keys()])) return null;
  return ofObjects(list);
}

function ofLists(list: readonly unknown[]): string[][] {
  return list.map((cells) => (Array.isArray(cells) ? cells.map(toCell) : [toCell(cells)]));
}

function ofObjects(list: readonly unknown[]): JsonRecords {
  const rows = list.map((record) => flatten(record));
  const header = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  return { header, records: rows.map((row) => header.map((name) => row.get(name) ?? '')) };
}

/** pandas, orient="split": the names, the first cells and the rest apart. */
function ofSplit({ columns, index, data }: Record<string, unknown>, isHeader: IsHeader): JsonRecords | null {
  if (!Array.isArray(columns) || !Array.isArray(data) || !data.every(Array.isArray)) return null;
  const first: readonly unknown[] = Array.isArray(index) && index.length === data.length ? index : [];
  const names = columns.map(toCell);
  const isDayIndex = first.length > 0 && DAY_KEY.test(toCell(first[0]));
  const header = isDayIndex ? ['date', ...names] : names;
  if (!isHeader(header)) return null;
  const rows = ofLists(data);
  return {
    header,
    records: header === names ? rows : rows.map((cells, at) => [toCell(first[at]), ...cells]),
  };
}

const DAY_KEY = /^(?:\d{4}-\d\d-\d\d.*|\d{8,19})$/;

/** Objects by their day, as Alpha Vantage has them. */
function ofDayKeys(part: Record<string, unknown>, isHeader: IsHeader): JsonRecords | null {
  const entries = Object.entries(part);
  const [first] = entries;
  if (first === undefined || !DAY_KEY.test(first[0]) || !isObject(first[1])) return null;
  const { header, records } = ofObjects(entries.map(([, record]) => record));
  if (header === null || !isHeader(['date', ...header])) return null;
  return {
    header: ['date', ...header],
    records: records.map((cells, at) => [entries[at]?.[0] ?? '', ...cells]),
  };
}

/** A list for each column, as charts want them: Yahoo's, TradingView's; or an object for each, as pandas writes them. */
function ofColumns(part: Record<string, unknown>, isHeader: IsHeader): JsonRecords | null {
  const columns = listColumns(part);
  const lengths = [...columns.values()].map((cells) => cells.length);
  const length = Math.max(0, ...lengths);
  const even = [...columns].filter(([, cells]) => cells.length === length);
  const header = even.map(([name]) => name);
  if (length === 0 || !isHeader(header)) return null;
  const records = Array.from({ length }, (_, row) => even.map(([, cells]) => cells[row] ?? ''));
  return { header, records };
}

function listColumns(part: Record<string, unknown>): Map<string, string[]> {
  const columns = new Map<string, string[]>();
  const visit = (value: unknown, name: string, depth: number) => {
    if (depth > MOST_DEPTH || columns.size > 100) return;
    if (Array.isArray(value)) {
      if (value.length === 1 && isObject(value[0])) visit(value[0], name, depth + 1);
      else if (value.every(isScalar) && !columns.has(name)) columns.set(name, value.map(toCell));
    } else if (isObject(value)) {
      const inner = Object.entries(value);
      const isDays = DAY_KEY.test(inner[0]?.[0] ?? '');
      const isColumn =
        inner.length > 0 && inner.every(([key, cell]) => (isDays || /^\d+$/.test(key)) && isScalar(cell));
      if (isColumn && isDays && !columns.has('date'))
        columns.set(
          'date',
          inner.map(([key]) => key),
        );
      if (isColumn)
        columns.set(
          name,
          inner.map(([, cell]) => toCell(cell)),
        );
      else for (const [key, cell] of inner.slice(0, 100)) visit(cell, key, depth + 1);
    }
  };
  for (const [key, value] of Object.entries(part)) visit(value, key, 0);
  return columns;
}

/** One day by itself. */
function ofOne(part: Record<string, unknown>, isHeader: IsHeader): JsonRecords | null {
  const row = flatten(part);
  const header = [...row.keys()];
  return isHeader(header) ? { header, records: [[...row.values()]] } : null;
}

/** The scalars of a record by name; those of objects in it by names with points. */
export function flatten(record: unknown, prefix = '', depth = 0): Map<string, string> {
  const cells = new Map<string, string>();
  if (!isObject(record) || depth > MOST_DEPTH) return cells;
  for (const [key, value] of Object.entries(record)) {
    if (isScalar(value)) cells.set(prefix + key, toCell(value));
    else for (const [name, cell] of flatten(value, `${prefix}${key}.`, depth + 1)) cells.set(name, cell);
  }
  return cells;
}

/** A value as the text of a cell. One beyond the range of a double has become Infinity in parsing: it must not be nothing. */
export function toCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' && !Number.isFinite(value)) return 'a number too large to hold';
  return typeof value === 'string' ? value.trim() : isScalar(value) ? String(value) : 'a list';
}
