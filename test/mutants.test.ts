/** What `npm run test:mutants` draws from, and that what is listed as changing nothing is still there. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { draw, type Equivalent, listMutants, reasonOfEquivalence } from '../tools/mutants/candidates.js';
import { LikelyTests } from '../tools/mutants/likely-tests.js';
import { describeMutant, MUTATED, type Mutant } from '../tools/mutants/mutant.js';
import { editsOfScript } from '../tools/mutants/script-edits.js';
import { editsOfSql, objectsInForce } from '../tools/mutants/sql-edits.js';
import { randomOf } from './support/histories.js';
import { parseSource } from './support/house/source-file.js';

const ROOT = resolve(import.meta.dirname, '..');
const EQUIVALENTS: Equivalent[] = JSON.parse(
  readFileSync(resolve(ROOT, 'test/mutants-equivalent.json'), 'utf8'),
);
const MUTANTS = listMutants(ROOT);

/** The texts that a text can become. */
function mutate(text: string, path = 'src/domain/a.ts'): string[] {
  return editsOfScript(parseSource(path, text)).map(
    ({ start, end, replacement }) => text.slice(0, start) + replacement + text.slice(end),
  );
}

test.each([
  ['const a = b < c;', ['const a = b <= c;']],
  ['const a = b * 2;', ['const a = b / 2;', 'const a = b * 3;']],
  ['const a = b ?? c;', ['const a = b;']],
  ['const a = b && c;', ['const a = b || c;', 'const a = b;', 'const a = c;']],
  ['function f() { if (a) g(); }', ['function f() { if (!(a)) g(); }', 'function f() { if (a) ; }']],
  ['const a = [b, c];', ['const a = [c];', 'const a = [b];']],
  ['const a = b.filter(c);', ['const a = b;']],
  ['const a = true;', ['const a = false;']],
])('%s has its mutants', (text, expected) => {
  expect(mutate(text).sort()).toEqual(expected.sort());
});

test.each([
  ['a type', 'type A = 1 | 2; let b: 3[];'],
  ['a message of an error', 'function f() { throw new Error(b < c ? d : e); }'],
  ['a limit', 'const TIMEOUT_MS = 60 * 1000;'],
  ['an import', "import { a } from 'b';"],
])('%s is left alone', (_what, text) => {
  expect(mutate(text)).toEqual([]);
});

test('SQL in a template of storage is mutated, text elsewhere is not', () => {
  const text = "const a = `select min(b) from c where d < 1 and e = 'x < y' -- f < g`;";
  expect(mutate(text, 'src/storage/a.ts').map((each) => each.slice(10))).toEqual([
    "`select min(b) from c where d <= 1 and e = 'x < y' -- f < g`;",
    "`select min(b) from c where d >= 1 and e = 'x < y' -- f < g`;",
    "`select max(b) from c where d < 1 and e = 'x < y' -- f < g`;",
    "`select min(b) from c where d < 1 and e <> 'x < y' -- f < g`;",
  ]);
  expect(mutate(text)).toEqual([]);
});

test('of migrations only what is in force is mutated', () => {
  const found = objectsInForce([
    { file: '1.sql', text: 'create view a as select 1;\ncreate view b as select 2;\n' },
    { file: '2.sql', text: 'drop view b;\ncreate or replace function a() as $$ begin; end $$;\nselect 1;' },
  ]);
  expect(found).toEqual([{ name: 'a', file: '2.sql', start: 13, end: 64 }]);
  expect(editsOfSql('x is null').map(({ replacement }) => replacement)).toEqual(['is not null']);
});

test('each layer has mutants, and each is a place of its file', () => {
  for (const layer of MUTATED)
    expect(MUTANTS.filter((each) => each.layer === layer).length).toBeGreaterThan(100);
  for (const { file, start, end, original } of MUTANTS.filter((_, at) => at % 97 === 0))
    expect(readFileSync(resolve(ROOT, file), 'utf8').slice(start, end)).toBe(original);
});

test('a seed draws the same again, every layer, and no mutant twice', () => {
  const drawn = (seed: number): Mutant[] => {
    const all = draw(MUTANTS, randomOf(seed));
    return Array.from({ length: 200 }, () => all.next().value as Mutant);
  };
  expect(drawn(7)).toEqual(drawn(7));
  expect(drawn(7)).not.toEqual(drawn(8));
  expect(new Set(drawn(7).map(({ layer }) => layer)).size).toBe(MUTATED.length);
  expect(new Set(drawn(7)).size).toBe(200);
});

test('the likely tests of a file begin with the one beside it, those of a view with one that names it', () => {
  const tests = new LikelyTests(ROOT);
  const of = (file: string) => tests.rank(MUTANTS.find((each) => each.file === file) as Mutant, 3).likely;
  expect(of('src/domain/prices/price.ts')[0]).toBe('src/domain/prices/price.test.ts');
  const view = MUTANTS.find(({ object }) => object === 'ema_latest') as Mutant;
  expect(tests.rank(view, 3).likely.join()).toMatch(/ema|lagging/);
});

test('every equivalent is still a mutant, and has its reason', () => {
  for (const equivalent of EQUIVALENTS) {
    expect(equivalent.reason.length).toBeGreaterThan(20);
    const found = MUTANTS.find((mutant) => reasonOfEquivalence(mutant, [equivalent]) !== null);
    expect(found && describeMutant(found), JSON.stringify(equivalent)).toBeDefined();
  }
});
