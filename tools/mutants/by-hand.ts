/** npm run test:mutations: breaks each rule of test/mutations.json in a copy; a test of those named must fail each time. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CheckoutCopy, needsBuild } from './checkout-copy.js';

const ROOT = resolve(import.meta.dirname, '../..');
const TIMEOUT_MS = 900_000;
/** Enough sequences to meet every rule. */
const COUNTS = { BARWRIGHT_TEST_MODEL: '40', BARWRIGHT_TEST_TRACES: '80', BARWRIGHT_TEST_SHRINK: '0' };

interface Change {
  file: string;
  find: string;
  replace: string;
}
type Mutation = Change & { name: string; what: string; also?: Change[]; tests: string[] };

/** Breaks one rule, runs its tests and takes the break out again. Gives each failure. */
async function listCatches(copy: CheckoutCopy, mutation: Mutation): Promise<string[]> {
  const changes = [mutation, ...(mutation.also ?? [])];
  const originals = new Map(changes.map(({ file }) => [file, copy.read(file)]));
  try {
    for (const { file, find, replace } of changes) {
      const text = copy.read(file);
      if (text.split(find).length !== 2) throw new Error(`${file}: expected once, and only once: ${find}`);
      copy.write(
        file,
        text.replace(find, () => replace),
      );
    }
    if (mutation.tests.some(needsBuild) && !copy.build())
      throw new Error(`${mutation.name}: cannot be built`);
    const catches: string[] = [];
    for (const test of mutation.tests) {
      const { failed } = await copy.test([test], { timeoutMs: TIMEOUT_MS, env: COUNTS });
      if (failed !== null) catches.push(`${failed.file} "${failed.test}"`);
    }
    return catches;
  } finally {
    for (const [file, text] of originals) copy.write(file, text);
  }
}

const wanted = process.argv.slice(2);
const all: Mutation[] = JSON.parse(readFileSync(join(ROOT, 'test/mutations.json'), 'utf8'));
const mutations = all.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const copy = new CheckoutCopy(ROOT);
let caught = 0;
try {
  for (const mutation of mutations) {
    const catches = await listCatches(copy, mutation);
    const isCaught = catches.length > 0;
    if (isCaught) caught += 1;
    const by = isCaught ? catches.join('; ') : 'no test failed';
    console.log(`${isCaught ? '[OK]' : '[FAILED]'} ${mutation.name} (${mutation.what}): ${by}`);
  }
} finally {
  copy.remove();
}
console.log(`${caught} of ${mutations.length} caught`);
process.exitCode = caught === mutations.length ? 0 : 1;
