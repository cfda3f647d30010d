// node --import ./test/support/run-typescript.mjs tools/write-reliability.mjs REPORT…: docs/reference/reliability.md from vitest's JSON.
import { readFileSync, writeFileSync } from 'node:fs';
import { FAULTS } from '../test/support/faults.ts';
import { formatReliability } from '../test/support/reliability.ts';

const reports = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, 'utf8')));
const testResults = reports.flatMap((report) => report.testResults);
const file = new URL('../docs/reference/reliability.md', import.meta.url);
writeFileSync(file, formatReliability(FAULTS, { testResults }));
