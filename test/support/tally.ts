/** What a run of the tests did, in numbers: tests add to them, docs/reference/reliability.md shows the sums. */
import { appendFileSync } from 'node:fs';

/** What is counted, as the document says it. */
export const TALLIED = {
  kills: 'processes killed with `kill -9` at a random moment',
  cuts: 'connections cut, each at another message of a run',
  statements: 'statements of runs at which the server gave an error',
  states: 'states of the protocol by which runs write, all orders of events',
  traces: 'orders of events played on a real server',
  histories: 'random price histories, each built in more than one way',
  operations: 'random operations of the model test: deliveries, corrections, deletions, runs',
  rows: 'daily rows of views compared with the kernel by the model test',
  values: 'values compared with those of other programs, from real prices',
} as const;
export type Tallied = keyof typeof TALLIED;

/** Adds to the file BARWRIGHT_TEST_TALLY, a line each time; does nothing without it. */
export function tally(what: Tallied, count: number): void {
  const file = process.env.BARWRIGHT_TEST_TALLY;
  if (file !== undefined) appendFileSync(file, `${what} ${count}\n`);
}

/** The sums over the lines of such a file. Throws where a line is none of them. */
export function sumTally(text: string): Map<Tallied, number> {
  const sums = new Map<Tallied, number>();
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [what = '', count = ''] = line.split(' ');
    if (!(what in TALLIED) || !Number.isSafeInteger(Number(count)))
      throw new Error(`expected a name and a whole number, got "${line}"`);
    sums.set(what as Tallied, (sums.get(what as Tallied) ?? 0) + Number(count));
  }
  return sums;
}

/** The section of the document, of a whole run that began on a day such as 2026-01-31. */
export function formatTally(
  sums: ReadonlyMap<Tallied, number>,
  { day, seed, command }: { day: string; seed: number; command: string },
): string {
  const rows = Object.entries(TALLIED).map(
    ([what, words]) => `| ${words} | ${(sums.get(what as Tallied) ?? 0).toLocaleString('en-US')} |`,
  );
  return `\`${command}\` on ${day}, with seed ${seed}. \`BARWRIGHT_TEST_SEED=${seed}\` repeats it.

| what | how many |
|---|---|
${rows.join('\n')}
`;
}
