/** All checks over all Markdown of a checkout. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkLanguage } from './language.js';
import { checkLines } from './lines.js';
import { checkLinks } from './links.js';
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
