/** Everything but line ends and tabs that a terminal would obey instead of showing. */
const OBEYED = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** The text with control characters spelt out: names and typed words may hold anything, and end in logs and terminals. */
export function printable(text: string): string {
  return text.replace(OBEYED, (character) => {
    if (character === '\n' || character === '\t') return character;
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

const LINE_BREAKS = /[\p{Cc}\u2028\u2029]+/gu;

/** The text as one line. */
export function joinLines(text: string): string {
  return text.replaceAll(/[\n\r\u2028\u2029]+/gu, ' ');
}

/** A text from outside as part of a line, with an ellipsis where it is longer than `most` characters: it can begin no line of its own. */
export function boundLine(text: string, most: number): string {
  // A text of megabytes is not read to its end for the little that is shown.
  const line = printable(text.slice(0, 2 * most).replaceAll(LINE_BREAKS, ' ')).trim();
  return line.length <= most && text.length <= 2 * most ? line : `${line.slice(0, most - 1)}…`.toWellFormed();
}

/** Longer than any symbol or name of an asset that people use. */
export const LONGEST_NAME = 120;

/** A symbol or name of an asset, whatever the table has. */
export function boundName<T extends string | null>(name: T): T {
  return (name === null ? null : boundLine(name, LONGEST_NAME)) as T;
}

/** What could begin a line or be obeyed by a terminal. */
const UNFIT = /[\p{Cc}\u2028\u2029]/u;

/** A symbol or name as it is stored: as it was given, unless it is too long or would make a line of its own. */
export function storedName<T extends string | null>(name: T): T {
  return name === null || (name.length <= LONGEST_NAME && !UNFIT.test(name)) ? name : boundName(name);
}

/** Longer than any reason that a run of ours records. */
const LONGEST_TEXT = 4000;

/** What a table has, with every text in it as one line: others than barwright may write there. */
export function boundTexts<T>(value: T): T {
  if (typeof value === 'string') return boundLine(value, LONGEST_TEXT) as T;
  if (Array.isArray(value)) return value.map(boundTexts) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, boundTexts(each)])) as T;
}
