/** docs/reference/reliability.md, made of the list of faults and what a whole test run said about their tests. */
import type { Fault, Proof } from './fault.js';

/** What is used of the report that vitest writes with `--reporter=json`. */
export interface TestReport {
  testResults: readonly {
    /** Path of the file. */
    name: string;
    assertionResults: readonly { fullName: string; status: string }[];
  }[];
}

/** A proof in its parts. */
export interface ParsedProof {
  file: string;
  words: string;
  needs: string | null;
}

/** `file > words`, apart. Throws when it is not of this form. */
export function parseProof(proof: Proof): ParsedProof {
  const { test, needs } = typeof proof === 'string' ? { test: proof, needs: null } : proof;
  const at = test.indexOf(' > ');
  if (at < 0)
    throw new Error(`a proof like "test/x.test.ts > words of the title" was expected, got "${test}"`);
  return { file: test.slice(0, at), words: test.slice(at + 3), needs };
}

const HEAD = `# Reliability

Every fault that barwright promises to bear, what happens, and the tests that inject the real thing: real processes, real
PostgreSQL, real signals, a real full disk. This file is written by \`npm test\` when all tests ran; it changes only when a
result does. The list is \`test/support/faults.ts\`.

- *passed*: every test behind the words passed. *left out here*: the machine that ran the tests lacks what it needs.
- *both*: on the embedded server and on a second one of another version. *own*: a server or a process of the test's own, or
  the embedded one. *none*: no database is needed.
`;

const NUMBERS = ['<!-- numbers of one run -->', '<!-- end of numbers -->'] as const;

/** The section of the numbers in a document that is there; empty where it has none. */
export function numbersOf(document: string): string {
  const [begin, end] = NUMBERS.map((mark) => document.indexOf(mark)) as [number, number];
  return begin < 0 || end < begin ? '' : document.slice(begin + NUMBERS[0].length, end).trim();
}

/** The whole document. What it says of faults names neither days nor durations; the numbers are those of one run. */
export function formatReliability(
  faults: readonly Fault[],
  { report, numbers }: { report: TestReport; numbers: string },
): string {
  const rows = faults.map((fault) => formatFault(fault, report));
  return `${HEAD}
## In numbers

What one whole run counted. \`BARWRIGHT_WRITE_NUMBERS=1 npm test\` counts again.

${NUMBERS[0]}
${numbers.trim()}
${NUMBERS[1]}

${rows.join('\n')}`;
}

function formatFault({ fault, behaviour, tests }: Fault, report: TestReport): string {
  const lines = tests.map((proof) => formatProof(parseProof(proof), report));
  return `## ${sentence(fault)}

${sentence(behaviour)}.

| test | where | servers | last result |
|---|---|---|---|
${lines.join('\n')}
`;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function formatProof(proof: ParsedProof, report: TestReport): string {
  const results = resultsOf(proof, report);
  return `| ${escapeCell(proof.words.trim())} | \`${proof.file}\` | ${serversOf(proof, results)} | ${verdictOf(proof, results)} |`;
}

type Result = TestReport['testResults'][number]['assertionResults'][number];

function resultsOf({ file, words }: ParsedProof, report: TestReport): Result[] {
  return report.testResults
    .filter(({ name }) => name.replaceAll('\\', '/').endsWith(`/${file}`))
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ fullName }) => fullName.includes(words));
}

function verdictOf({ needs }: ParsedProof, results: readonly Result[]): string {
  if (results.some(({ status }) => status === 'failed')) return '**FAILED**';
  if (results.length === 0)
    return needs === null ? '**FAILED**: no such test ran' : `left out here: needs ${needs}`;
  return results.every(({ status }) => status === 'passed') ? 'passed' : 'left out here: skipped';
}

function serversOf({ file }: ParsedProof, results: readonly Result[]): string {
  if (results.some(({ fullName }) => fullName.includes('second server'))) return 'both';
  return /^src\/(domain|components\/ingest\/(?!ingest-file|any-file|bad-lines|asset))/.test(file)
    ? 'none'
    : 'own';
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|');
}
