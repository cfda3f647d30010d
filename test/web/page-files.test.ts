/** What the build makes of the page: small, and nothing in it that the policy of the server forbids. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

const BUILT = resolve(import.meta.dirname, '../../dist/web/assets');
const MAX_GZIP_BYTES = 150_000;
const files = readdirSync(BUILT);
const read = (name: string) => readFileSync(join(BUILT, name));

test(`code and styles take at most ${MAX_GZIP_BYTES / 1000} kB of gzip`, () => {
  const code = files.filter((name) => /\.(js|css|html|svg)$/.test(name));
  expect(code.length).toBeGreaterThanOrEqual(4);
  const bytes = code.map((name) => gzipSync(read(name)).length).reduce((sum, each) => sum + each, 0);
  expect(bytes).toBeGreaterThan(20_000);
  expect(bytes).toBeLessThanOrEqual(MAX_GZIP_BYTES);
});

test('no inline script, style or handler, and nothing that is fetched from elsewhere', () => {
  const html = read('index.html').toString();
  expect(html).not.toMatch(/<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)/);
  for (const [, address] of html.matchAll(/(?:src|href)="([^"]*)"/g)) expect(address).toMatch(/^\/[\w.-]+$/);
  for (const name of files.filter((each) => each.endsWith('.css')))
    expect(read(name).toString()).not.toMatch(/@import|url\(/);
});

test('the licences of what is bundled travel with it', () => {
  const text = read('licenses.md').toString();
  expect(text).toContain('preact');
  expect(text).toContain('lightweight-charts');
});
