/** The words of an alert, made safe for where they go. */
import { formatCause } from './causes.js';
import type { AlertEntry, Decision } from './decide.js';

/** What an alert says, before it is put into the form of a channel. */
export interface AlertMessage {
  text: string;
  /** The same for programs that read a webhook. */
  facts: Record<string, unknown>;
}

export interface AlertContext {
  command: string;
  verdict: string;
  exitCode: number;
  run: string | null;
  startedAt: string;
  host: string;
  warehouse: string;
  schema: string;
  version: string;
  /** Where more is to be read; null when there is no log. */
  logFile: string | null;
}

/** Telegram's limit, in UTF-16 code units; Slack cuts a text itself beyond 4,000 characters. */
export const TELEGRAM_UNITS = 4096;
export const SLACK_UNITS = 4000;
const MAX_LISTED = 10;
const MAX_LINE = 500;
const MAX_FACT_IDS = 100;

/** Composes the message. */
export function composeMessage(decision: Decision, context: AlertContext): AlertMessage {
  const { due, ended } = decision;
  const { command, warehouse, host, run, startedAt, logFile, exitCode, verdict } = context;
  const what = headOf(decision, exitCode);
  const lines = [
    plainLine(`barwright ${what}: ${command} on ${host}`),
    plainLine(`${verdict} (exit ${exitCode})`),
    ...listed(due, (entry) => plainLine(`- ${formatCause(entry)}`)),
    ...(ended.length > 0 ? ['Ended:'] : []),
    ...listed(ended, (entry) =>
      plainLine(`- ${formatCause(entry)} (since ${new Date(entry.firstSeenMs).toISOString()})`),
    ),
    plainLine(`Warehouse: ${warehouse}. Started ${startedAt}${run === null ? '' : `, run ${run}`}`),
    ...(logFile === null ? [] : [plainLine(`Log: ${logFile}`)]),
  ];
  const facts = { ...context, what, causes: due.map(factsOf), ended: ended.map(factsOf) };
  return { text: lines.join('\n'), facts };
}

/**
 * "FAILED" is said of what failed, "WARNING" of what needs a person though the run continued (a late source, a quarantined asset).
 * "RECOVERED" is said of a run that is good; one of several causes may have ended in a run that is not.
 */
function headOf({ due }: Decision, exitCode: number): string {
  if (due.length === 0) return exitCode === 0 ? 'RECOVERED' : 'PARTLY RECOVERED';
  return due.some(({ kind }) => kind === 'failure' || kind === 'death') ? 'FAILED' : 'WARNING';
}

function listed(entries: readonly AlertEntry[], format: (entry: AlertEntry) => string): string[] {
  const lines = entries.slice(0, MAX_LISTED).map(format);
  return entries.length > MAX_LISTED ? [...lines, `… and ${entries.length - MAX_LISTED} more`] : lines;
}

function factsOf({ key, kind, component, ids, words, firstSeenMs }: AlertEntry): Record<string, unknown> {
  const since = new Date(firstSeenMs).toISOString();
  return {
    key,
    kind,
    component,
    words: plainLine(words),
    ids: ids.slice(0, MAX_FACT_IDS),
    assets: ids.length,
    since,
  };
}

/** Control characters and those that turn the direction of writing could hide what is said, or fake a line. */
const UNSEEN = /[\p{Cc}\p{Cs}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/gu;

/** One line of at most 500 characters without anything that is not seen. */
export function plainLine(text: string): string {
  return fitText(text.replaceAll(UNSEEN, ' ').replaceAll(/\s+/g, ' ').trim(), MAX_LINE);
}

const CUT = '… (cut)';

/**
 * The text in at most `maxUnits` UTF-16 code units after `escapeOne`, with a mark where it was cut; an escaped character and
 * a surrogate pair stay whole.
 */
export function fitText(
  text: string,
  maxUnits: number,
  escapeOne: (character: string) => string = same,
): string {
  let fitted = '';
  let cutAt = 0;
  for (const character of text) {
    const next = fitted + escapeOne(character);
    if (next.length > maxUnits) return fitted.slice(0, cutAt) + CUT;
    fitted = next;
    if (fitted.length <= maxUnits - CUT.length) cutAt = fitted.length;
  }
  return fitted;
}

function same(character: string): string {
  return character;
}

/** Slack reads & < > as its own; with them escaped no name can become a link or call a channel. */
export function escapeSlack(character: string): string {
  return ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' } as Record<string, string>)[character] ?? character;
}
