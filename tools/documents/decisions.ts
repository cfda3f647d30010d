/** The index of docs/decisions, and how a decision is read. */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const FOLDER = 'docs/decisions';

/** What decisions are about, in the order of the index. */
const SUBJECTS = [
  'What is stored',
  'Continuing and repairing',
  'Prices, calendars and verdicts',
  'Sources and files',
  'Processes',
  'The lease and distributed runs',
  'Failures',
  'Talking to PostgreSQL',
  'Reporting',
  'Secrets, roles and settings',
  'The dashboard',
  'Speed and packaging',
];

/** The parts of a decision, in their order. */
export const PARTS = ['Decision', 'Why', 'Considered', 'Cost'];

export interface Decision {
  /** Name of its file, without the folder. */
  file: string;
  /** Three digits, as the file begins. */
  number: string;
  title: string;
  subject: string;
  /** Names of the parts that it has, in their order. */
  parts: string[];
}

/** Reads every decision, in the order of their numbers. Throws, naming the file, where head or subject is not as it should be. */
export function readDecisions(checkout: string): Decision[] {
  const files = globSync(`${FOLDER}/[0-9]*.md`, { cwd: checkout }).sort();
  return files.map((path) => readDecision(basename(path), readFileSync(join(checkout, path), 'utf8')));
}

/** One decision by the text of its file. Throws as readDecisions does. */
export function readDecision(file: string, text: string): Decision {
  const [, number, title, subject] = /^# (\d{3})\. (.+)\n\nSubject: (.+)\n/.exec(text) ?? [];
  if (number === undefined || title === undefined || subject === undefined)
    throw new Error(`${file}: expected "# NNN. Title", an empty line and "Subject: …" at the beginning`);
  if (!file.startsWith(`${number}-`))
    throw new Error(`${file}: expected the number ${file.slice(0, 3)}, got ${number}`);
  if (!SUBJECTS.includes(subject))
    throw new Error(`${file}: the subject "${subject}" is not one of: ${SUBJECTS.join('; ')}`);
  const parts = [...text.matchAll(/^\*\*(\w+)\.\*\* \S/gm)].map(([, name]) => name ?? '');
  return { file, number, title, subject, parts };
}

/** docs/decisions/README.md. */
export function makeDecisionIndex(checkout: string): string {
  const decisions = readDecisions(checkout);
  const groups = SUBJECTS.map((subject) => {
    const links = decisions
      .filter((decision) => decision.subject === subject)
      .map(({ file, number, title }) => `- ${number} [${title}](${file})`);
    return `## ${subject}\n\n${links.join('\n')}\n`;
  });
  return `${HEAD}\n${groups.join('\n')}`;
}

const HEAD = `# Decisions

Why barwright is as it is: one file for each decision, with what was decided, why, what else was considered, and what it
costs. *Considered* names what was tried or weighed; where nothing was, it names the obvious other way and why it loses.

Code refers to a decision by its number: \`decision 057\`. A decision that is no longer true is rewritten, or its file
says which one took its place; its number is never used again. To add one, take the next number, copy the form of another
file and type \`npm run documents\`, which makes this page.
`;
