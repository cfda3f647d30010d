/** Causes as lines for people. */
import { formatAge } from '../text/age.js';
import { printable } from '../text/printable.js';
import type { Cause } from './cause.js';
import { wrapLine } from './wrap.js';

const FEW = 3;
/** Ranges that are listed; all of them are in the run record. */
const MOST_RANGES = 6;
const HOUR_MS = 3_600_000;

/** "1-3, 7, 9-12, …" of ids that ascend. */
export function formatIdRanges(ids: readonly number[], most = MOST_RANGES): string {
  const ranges: [first: number, last: number][] = [];
  for (const id of ids) {
    const open = ranges.at(-1);
    if (open !== undefined && open[1] === id - 1) open[1] = id;
    else ranges.push([id, id]);
  }
  const shown = ranges
    .slice(0, most)
    .map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
  return [...shown, ...(ranges.length > most ? ['…'] : [])].join(', ');
}

/** "BTC (1)"; "ID 825" where no symbol is known. */
function formatAsset(id: number, symbols: Readonly<Record<number, string>>): string {
  const symbol = symbols[id];
  return symbol === undefined ? `ID ${id}` : `${symbol} (${id})`;
}

/** "BTC (1)", "3 assets (BTC (1), ID 52, ETH (1027))", "500 assets (BTC (1), ID 2, ID 3, …; ids 1-500)". */
export function formatAssets({ ids, symbols }: Pick<Cause, 'ids' | 'symbols'>): string {
  const few = ids.slice(0, FEW).map((id) => formatAsset(id, symbols));
  if (ids.length === 1) return few.join();
  if (ids.length <= FEW) return `${ids.length} assets (${few.join(', ')})`;
  return `${ids.length} assets (${few.join(', ')}, …; ids ${formatIdRanges(ids)})`;
}

/** "1 asset", "2 assets". */
export function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** What is wrong, in one line without its tag: "bars, BTC (1): day 33 is poisoned". */
function formatCauseHead(cause: Cause): string {
  const { component, ids, count, isExample, sentence } = cause;
  const who = [
    ...(component === null ? [] : [component]),
    ...(ids.length === 0 ? [] : [formatAssets(cause)]),
  ];
  const times = ids.length === 0 && count > 1 ? [`${count} times`] : [];
  const subject = [...who, ...times].join(', ');
  const words = isExample ? `for example: ${sentence}` : sentence;
  return printable((subject === '' ? words : `${subject}: ${words}`).replaceAll(/\s+/g, ' '));
}

/** Since when, and what to type: "since 2026-11-20 06:00 UTC (9.0 h); type: barwright explain 1". null: neither is known. */
function formatCauseTail({ since, command, severity }: Cause, nowMs: number): string | null {
  const when = formatSince(since, nowMs);
  if (command === null) return when ?? (severity === 'failed' ? FIRST : null);
  return `${when ?? FIRST}; type: ${command}`;
}

const FIRST = 'since this run';

function formatSince(since: string | null, nowMs: number): string | null {
  if (since === null) return null;
  const atMs = Date.parse(since);
  const at = new Date(atMs).toISOString().slice(0, 16).replace('T', ' ');
  return `since ${at} UTC (${formatAge(Math.max(0, nowMs - atMs) / HOUR_MS)})`;
}

const TAGS = { failed: '[FAILED]', warning: '[WARNING]', said: '[INFO]' } as const;

export interface Page {
  /** Lines for all causes together, and columns a line. */
  lines: number;
  columns: number;
  nowMs: number;
  /** Where the rest is to be read. */
  rest: string;
}

/**
 * Causes in at most so many lines: each has one for what is wrong and one for since when and what to type; where lines are
 * left, sentences that are longer get them, the worst first. What does not fit is counted.
 */
export function formatCauses(causes: readonly Cause[], page: Page): string[] {
  const blocks = causes.map((cause) => blockOf(cause, page));
  let shown = blocks.length;
  const least = (count: number) =>
    blocks.slice(0, count).reduce((sum, block) => sum + sizeOf(block, 1), 0) +
    (count < blocks.length ? 1 : 0);
  while (shown > 0 && least(shown) > page.lines) shown -= 1;
  let spare = page.lines - least(shown);
  const lines = blocks.slice(0, shown).flatMap(({ head, tail }) => {
    const more = Math.min(spare, head.length - 1);
    spare -= more;
    return [...cutLines(head, 1 + more, page.columns), ...tail];
  });
  const left = blocks.length - shown;
  return left === 0 ? lines : [...lines, `… and ${countOf(left, 'more cause')}: ${page.rest}`];
}

interface Block {
  head: string[];
  tail: string[];
}

function blockOf(cause: Cause, { columns, nowMs }: Page): Block {
  const tail = formatCauseTail(cause, nowMs);
  return {
    head: wrapLine(`${TAGS[cause.severity]} ${formatCauseHead(cause)}`, columns),
    tail: tail === null ? [] : wrapLine(`    ${tail}`, columns).slice(0, 1),
  };
}

function sizeOf({ head, tail }: Block, most: number): number {
  return Math.min(head.length, most) + tail.length;
}

function cutLines(lines: readonly string[], most: number, columns: number): string[] {
  if (lines.length <= most) return [...lines];
  const [last = ''] = lines.slice(most - 1, most);
  return [...lines.slice(0, most - 1), `${wrapLine(last, columns - 2)[0]} …`];
}
