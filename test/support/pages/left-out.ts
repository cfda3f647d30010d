/** Command lines of the documents that no test of theirs runs, each with the reason; and those that stay until they are stopped. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../programs.js';

interface LineClass {
  line: RegExp;
  reason: string;
}

/** A class that no line belongs to any more fails test/pages.test.ts. */
export const LEFT_OUT: readonly LineClass[] = [
  {
    line: /npm (test|run (check|fix|test:\w+))\b/,
    reason: 'it would start these tests inside of one of them',
  },
  {
    line: /^npm start$/,
    reason: 'it installs and builds this checkout first; its last step, demo, runs before',
  },
  { line: /^npm run bench\b/, reason: 'it measures for minutes' },
  { line: /^npm (install|pack)\b/, reason: 'it asks the registry, or builds the package: test/package does' },
  {
    line: /^python3 -m venv /,
    reason: 'it installs from the registry; support/examples/python.ts does it once',
  },
  { line: /^docker /, reason: 'no engine here; test/deploy-container.test.ts checks the file' },
  {
    line: /^(useradd|systemctl) |^(install|cp) .*(\/etc\/|deploy\/)/,
    reason: 'it changes the machine, as root',
  },
];

export function isLeftOut(line: string): boolean {
  return LEFT_OUT.some((each) => each.line.test(line));
}

interface StayingClass {
  line: RegExp;
  /** What it prints when it is at work. */
  ready: RegExp;
  /** How it ends when it is stopped. */
  codes: readonly number[];
  /** Whether the lines after it need it: then it is stopped at the end of the page. */
  isNeededLater?: true;
}

export const STAYING: readonly StayingClass[] = [
  { line: /^\S*barwright serve\b/, ready: /Dashboard: http/, codes: [0] },
  { line: /^barwright schedule .*--now\b/, ready: /the round of .* begins/, codes: [143] },
  { line: /^barwright schedule\b/, ready: /next round/, codes: [0] },
  { line: /^barwright ingest --watch\b/, ready: /\bstored: /, codes: [0] },
  { line: /^barwright worker\b/, ready: /waits for tasks/, codes: [0], isNeededLater: true },
  // Stopped by the signal itself: 128 + 15, or none where a shell does not stand between.
  { line: /^curl -N\b/, ready: /^event: state/m, codes: [143] },
];

/** Programs that a machine may lack; their lines are left out there, and that is said. */
const PROGRAMS: readonly [program: string, line: RegExp][] = [
  ['psql', /\bpsql\b/],
  ['jq', /^jq /],
  ['curl', /^curl /],
  ['venv/bin/python', /\bvenv\/bin\/python\b/],
];

/** The program that a line needs and that is neither on this machine nor in the folder where it is typed. */
export function findLacking(line: string, folder: string): string | null {
  const isHere = (program: string) => findProgram(program) !== null || existsSync(join(folder, program));
  return PROGRAMS.find(([program, needs]) => needs.test(line) && !isHere(program))?.[0] ?? null;
}

/** Texts that no command of their page prints just so. */
export const SHOWN_OTHERWISE: readonly { after: RegExp; reason: string }[] = [
  { after: /^## Layers and rooms$/, reason: 'a drawing' },
  { after: /^It prints:$/, reason: 'of Python; test/python-pages.test.ts compares it' },
  { after: /^## What is written$/, reason: 'names of files; test/e2e/export-again.test.ts has them' },
  { after: /`HEALTHCHECK`|^## In an image of your own$/, reason: 'a line of a Containerfile' },
  { after: /`barwright_table_assets/, reason: 'settings of Prometheus' },
  {
    after: /^\| `rows_before_seed` /,
    reason: 'an example of kinds; test/e2e/compare.test.ts has such lines',
  },
];
