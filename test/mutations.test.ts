/** What `npm run test:mutations` breaks is still there to be broken. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const read = (file: string) => readFileSync(resolve(ROOT, file), 'utf8');

interface Change {
  file: string;
  find: string;
  replace: string;
}
type Mutation = Change & { name: string; what: string; also?: Change[]; tests: string[] };

const MUTATIONS: Mutation[] = JSON.parse(read('test/mutations.json'));

test.each(MUTATIONS)('$name: $what', (mutation) => {
  for (const { file, find, replace } of [mutation, ...(mutation.also ?? [])]) {
    expect(read(file).split(find), file).toHaveLength(2);
    expect(replace).not.toBe(find);
  }
  for (const file of mutation.tests) expect(read(file)).toMatch(/\btest(\.\w+)*\(/);
});

test('docs/contributing/testing.md says of each which test caught it', () => {
  const rows = read('docs/contributing/testing.md');
  for (const { name } of MUTATIONS) expect(rows).toMatch(new RegExp(`^\\| ${name} \\|.*\\.test\\.ts`, 'm'));
});
