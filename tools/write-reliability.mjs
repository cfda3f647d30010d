/**
 * node --import ./test/support/run-typescript.mjs tools/write-reliability.mjs REPORT… [--tally FILE --seed SEED]:
 * docs/reference/reliability.md from vitest's JSON, and its numbers from what the tests counted; without --tally the
 * numbers stay.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { FAULTS } from '../test/support/faults.ts';
import { formatReliability, numbersOf } from '../test/support/reliability.ts';
import { formatTally, sumTally } from '../test/support/tally.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { tally: { type: 'string' }, seed: { type: 'string' } },
});
const file = new URL('../docs/reference/reliability.md', import.meta.url);
const testResults = positionals.flatMap((path) => JSON.parse(readFileSync(path, 'utf8')).testResults);
const numbers =
  values.tally === undefined
    ? numbersOf(readFileSync(file, 'utf8'))
    : formatTally(sumTally(readFileSync(values.tally, 'utf8')), {
        day: new Date().toISOString().slice(0, 10),
        seed: Number(values.seed),
        command: 'npm test',
      });
writeFileSync(file, formatReliability(FAULTS, { report: { testResults }, numbers }));
