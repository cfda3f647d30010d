/** All checks over all Markdown of a checkout, and over the English in its sources. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkLanguage } from './language.js';
import { checkLines } from './lines.js';
import { checkLinks } from './links.js';
import { proseOfSource } from './sources.js';
import { checkSpelling } from './spelling.js';
import { type Finding, type ProseText, proseOfMarkdown } from './text.js';

/**
 * Pages whose lines and sentences come from elsewhere: declarations, titles of tests, terminals, measurements, the
 * summary that the order asks for. Their words and links are checked, the length of lines and sentences is not.
 */
const MADE = [
  /^docs\/reference\/(api|config|examples|indicators|nights|reliability)\.md$/,
  /^docs\/contributing\/(licences|performance)\.md$/,
  /^docs\/decisions\/README\.md$/,
  /^\.planning\//,
];

/** The Markdown files of a checkout, from its root, in the order of their names. */
function listMarkdown(root: string): string[] {
  return globSync(['*.md', 'docs/**/*.md', '.planning/**/*.md'], { cwd: root })
    .map((path) => path.replaceAll('\\', '/'))
    .sort();
}

/** What is wrong with one Markdown text: links, lines, spelling, banned turns, long sentences. */
export async function checkProse(prose: ProseText, root: string): Promise<Finding[]> {
  const findings = [
    ...checkLinks(prose, root),
    ...checkLines(prose),
    ...(await checkLanguage(prose)),
    ...(await checkSpelling(prose)),
  ];
  const isMade = MADE.some((pattern) => pattern.test(prose.path));
  return findings.filter(({ message }) => !isMade || !/^long (line|sentence)/.test(message));
}

/** What is wrong in all Markdown of a checkout. */
export async function checkMarkdown(root: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const path of listMarkdown(root))
    findings.push(...(await checkProse(proseOfMarkdown(path, readFileSync(join(root, path), 'utf8')), root)));
  return findings;
}

/** Nobody wrote the words of the first; the second has faults of each kind, for this check to find. */
const UNREAD = ['src/domain/calendar/exchange-table.ts', 'test/prose.test.ts'];
/** Tests with words that are misspelt on purpose. */
const MISSPELT =
  /^test\/(docs\.test|tidy\.test|e2e\/config-file\.test|faults\/own-indicators\.test|support\/pages\/scenes)\.ts$/;

/** Source files whose comments, help, messages and titles of tests are read. */
export function listSources(root: string): string[] {
  return globSync('{src,test,tools,bench}/**/*.{ts,tsx,cts,mjs}', { cwd: root })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !UNREAD.includes(path))
    .sort();
}

/** What is wrong with the English of a source: spelling, banned turns, long sentences. */
export async function checkSource(path: string, text: string): Promise<Finding[]> {
  const prose = proseOfSource(path, text);
  return [...(await checkLanguage(prose)), ...(MISSPELT.test(path) ? [] : await checkSpelling(prose))];
}

/** What is wrong with the English in the sources of a checkout. */
export async function checkSources(root: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const path of listSources(root))
    findings.push(...(await checkSource(path, readFileSync(join(root, path), 'utf8'))));
  return findings;
}
