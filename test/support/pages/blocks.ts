/** Fenced code of the documents: what a reader types, asks, and sees. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Block {
  /** Page and line of its first line, as `README.md:16`. */
  place: string;
  /** `sh`, `sql`, `text` and so on; empty for a session, which begins with `$ `. */
  language: string;
  /** The last line of text before it. */
  after: string;
  code: string;
}

/** A command line as it is run, and where it stands. */
export interface CommandLine {
  place: string;
  line: string;
}

const FENCE = /^```(\w*)\n(.*?)^```$/gms;
/** Minute, hour, day, month and weekday, before a command of a crontab. */
const CRON_TIMES = /^(?:[\d*,/-]+ ){5}/;

/** Blocks of a page, in their order. */
export function readBlocks(root: string, page: string): Block[] {
  return findBlocks(page, readFileSync(join(root, page), 'utf8'));
}

/** Blocks of the text of `page`. */
export function findBlocks(page: string, text: string): Block[] {
  return [...text.matchAll(FENCE)].map(({ 1: language = '', 2: code = '', index }) => {
    const before = text.slice(0, index).trimEnd().split('\n');
    const first = text.slice(0, index).split('\n').length + 1;
    return { place: `${page}:${first}`, language, after: before.at(-1) ?? '', code };
  });
}

/** Command lines of a block: continued lines are one, comments are none, a line of a crontab is its command. */
export function listCommandLines({ place, language, code }: Block): CommandLine[] {
  const isSession = language === '' && code.startsWith('$ ');
  if (language !== 'sh' && !isSession) return [];
  const [page = '', first] = place.split(':');
  return code.split('\n').flatMap((_, index, lines) => {
    if (lines[index - 1]?.endsWith('\\') || (isSession && !lines[index]?.startsWith('$ '))) return [];
    const line = joinFrom(lines, index)
      .replace(/(^|\s+)# .*$/, '')
      .replace(/^\$ /, '')
      .replace(CRON_TIMES, '');
    return line === '' ? [] : [{ place: `${page}:${Number(first) + index}`, line }];
  });
}

function joinFrom(lines: readonly string[], index: number): string {
  const line = lines[index] ?? '';
  return line.endsWith('\\') ? `${line}\n${joinFrom(lines, index + 1)}` : line;
}

/** Statements of a block of SQL. */
export function listStatements({ language, code }: Block): string[] {
  if (language !== 'sql') return [];
  return code.split(/;$/m).filter((statement) => statement.trim() !== '');
}

/** Whether a statement only asks. */
export function isQuery(sql: string): boolean {
  return /^(?:\s*--.*\n)*\s*select /.test(sql);
}

/** What a page shows of a command's output: a text, or a session without its command. */
export function listShown({ language, code }: Block): string[] {
  if (language !== 'text' && language !== '') return [];
  return code.split('\n').filter((line) => !line.startsWith('$ ') && line.trim() !== '');
}
