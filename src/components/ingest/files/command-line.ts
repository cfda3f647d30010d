/** Command lines that refusals print, to be typed as they are. */

/** What was typed of a file beside its name, as it would be typed again. */
export interface TypedFlags {
  readonly id: number | null;
  readonly symbol: string | null;
  readonly map: string | null;
  readonly dateFormat: string | null;
  readonly decimal: string | null;
  readonly zone: string | null;
  readonly isAdjusted: boolean;
  readonly skipBadRows: boolean;
  /** The currency of a file that does not say it. */
  readonly currency?: string | null;
  /** Another currency than that of the stored prices is meant. */
  readonly acceptCurrency?: boolean;
  /** The name in the file is that of another asset than `id`, and that is meant. */
  readonly acceptName?: boolean;
  /** Adjusted prices over raw ones, or raw over adjusted, are meant. */
  readonly acceptAdjustment?: boolean;
}

/** Makes the command that takes a file with further words, each of which is one word for a shell; `asset` says whose prices these are where it was not typed. */
export function commandFor(
  path: string,
  typed: TypedFlags,
  asset: string | null,
): (...words: string[]) => string {
  const { id, symbol, map, dateFormat, decimal, zone } = typed;
  const isSaid = id !== null || symbol !== null;
  const given = [
    ...flag('--id', id),
    ...flag('--symbol', symbol ?? (isSaid ? null : asset)),
    ...flag('--map', map),
    ...flag('--date-format', dateFormat),
    ...flag('--decimal', decimal),
    ...flag('--zone', zone),
    ...(typed.isAdjusted ? ['--adjusted'] : []),
    ...(typed.skipBadRows ? ['--skip-bad-rows'] : []),
    ...flag('--currency', typed.currency ?? null),
    ...(typed.acceptCurrency ? ['--accept-currency'] : []),
    ...(typed.acceptName ? ['--accept-name'] : []),
    ...(typed.acceptAdjustment ? ['--accept-adjustment'] : []),
  ];
  return (...words) => ['barwright ingest', quote(path), ...words.map(quote), ...given].join(' ');
}

function flag(name: string, value: string | number | null): string[] {
  return value === null ? [] : [`${name} ${quote(String(value))}`];
}

/** As one word for a shell. */
function quote(text: string): string {
  return /^[\w@%+:,./-][\w@%+=:,./-]*$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
