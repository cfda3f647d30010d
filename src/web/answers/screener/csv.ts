/** Rows as CSV by RFC 4180, for spreadsheets too. */

/** With an apostrophe before it a spreadsheet shows such a text; without, it would compute it. */
const FORMULA = /^[\s\p{Cc}]{0,200}[=+@-]|^[\t\r\n]/u;

/** Numbers as they are, nothing for null. */
export function formatCsv(
  head: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  return [head, ...rows].map((row) => `${row.map(formatCell).join(',')}\r\n`).join('');
}

function formatCell(value: string | number | null): string {
  if (typeof value !== 'string') return value === null ? '' : String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
