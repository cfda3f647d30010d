/** All mutants that can be drawn, and the draw. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSource } from '../../test/support/house/source-file.js';
import { type Edit, MUTATED, type Mutant, type MutatedLayer, placeEdit } from './mutant.js';
import { editsOfScript } from './script-edits.js';
import { editsOfSql, objectsInForce } from './sql-edits.js';

/** A mutant that changes nothing that anybody could see, and why. */
export interface Equivalent {
  file: string;
  /** The line, without blanks around it. */
  text: string;
  original: string;
  replacement: string;
  reason: string;
}

/** Every mutant of these layers. */
export function listMutants(root: string, layers: readonly MutatedLayer[] = MUTATED): Mutant[] {
  return layers.flatMap((layer) => (layer === 'sql' ? listOfMigrations(root) : listOfLayer(root, layer)));
}

function listOfLayer(root: string, layer: MutatedLayer): Mutant[] {
  return globSync(`src/${layer}/**/*.ts`, { cwd: root })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !path.endsWith('.test.ts') && !path.startsWith('src/web/page/'))
    .sort()
    .flatMap((path) => {
      const file = parseSource(path, readFileSync(join(root, path), 'utf8'));
      return editsOfScript(file).map((edit) => place(layer, { path, text: file.text, edit, object: null }));
    });
}

function listOfMigrations(root: string): Mutant[] {
  const migrations = globSync('sql/*.sql', { cwd: root })
    .map((file) => file.replaceAll('\\', '/'))
    .sort()
    .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));
  return objectsInForce(migrations).flatMap(({ name, file, start, end }) => {
    const text = migrations.find((each) => each.file === file)?.text ?? '';
    return editsOfSql(text.slice(start, end)).map((edit) => {
      const moved = { ...edit, start: edit.start + start, end: edit.end + start };
      return place('sql', { path: file, text, edit: moved, object: name });
    });
  });
}

function place(
  layer: MutatedLayer,
  { path, text, edit, object }: { path: string; text: string; edit: Edit; object: string | null },
): Mutant {
  return { layer, file: path, ...edit, ...placeEdit(text, edit), object };
}

/** Whether a mutant is one that was looked at and found to change nothing. */
export function reasonOfEquivalence(mutant: Mutant, equivalents: readonly Equivalent[]): string | null {
  const found = equivalents.find(
    ({ file, text, original, replacement }) =>
      file === mutant.file &&
      text === mutant.text &&
      original === mutant.original &&
      replacement === mutant.replacement,
  );
  return found?.reason ?? null;
}

/**
 * All mutants in the order in which a seed draws them. First a layer is drawn, each as often as the others, so that small
 * ones are seen too; then one of its mutants.
 */
export function* draw(mutants: readonly Mutant[], random: () => number): Generator<Mutant> {
  const left = new Map<MutatedLayer, Mutant[]>();
  for (const mutant of mutants) left.set(mutant.layer, [...(left.get(mutant.layer) ?? []), mutant]);
  while (left.size > 0) {
    const layers = [...left.keys()];
    const layer = layers[Math.floor(random() * layers.length)] as MutatedLayer;
    const pool = left.get(layer) as Mutant[];
    const [drawn] = pool.splice(Math.floor(random() * pool.length), 1);
    if (pool.length === 0) left.delete(layer);
    if (drawn !== undefined) yield drawn;
  }
}
