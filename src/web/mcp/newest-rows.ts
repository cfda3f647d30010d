/** Answers in columns, cut to their newest rows: a model reads all that it is given. */

/** What the answers of bars, EMAs and indicators have of columns. */
interface Columns {
  bars?: Readonly<Record<string, readonly unknown[]>>;
  day?: readonly unknown[];
  isClosing?: readonly unknown[];
  series?: readonly object[];
}

/** The answer with at most `rows` of each column, and how many older ones were left out. */
export function newestRows<T extends Columns>(answer: T, rows: number): T & { olderRows: number } {
  const lengths = listColumns(answer).map((column) => column.length);
  const olderRows = Math.max(0, Math.max(0, ...lengths) - rows);
  return { ...(cut(answer, rows) as T), olderRows };
}

function listColumns(value: unknown): (readonly unknown[])[] {
  if (Array.isArray(value)) return value.some(isObject) ? value.flatMap(listColumns) : [value];
  return isObject(value) ? Object.values(value).flatMap(listColumns) : [];
}

function cut(value: unknown, rows: number): unknown {
  if (Array.isArray(value))
    return value.some(isObject) ? value.map((each) => cut(each, rows)) : value.slice(-rows);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, cut(each, rows)]));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
