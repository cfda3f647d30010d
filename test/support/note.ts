/** What a test run could not use, said once per process and again at the end of `npm test`. */
import { appendFileSync } from 'node:fs';

const said = new Set<string>();

/** Prints `line` once; `tools/test.mjs` gathers the lines of all workers in the file BARWRIGHT_TEST_NOTES. */
export function note(line: string): void {
  if (said.has(line)) return;
  said.add(line);
  console.log(line);
  const file = process.env.BARWRIGHT_TEST_NOTES;
  if (file !== undefined) appendFileSync(file, `${line}\n`);
}
