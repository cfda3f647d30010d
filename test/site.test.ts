/** The static site of `npm run site`: what goes into it; and built, where its packages are installed. */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { listPages, makePage, makeSidebar, type SidebarItem } from '../tools/site/pages.js';
import { writePages } from '../tools/site/write-pages.js';
import { note } from './support/note.js';

const ROOT = resolve(import.meta.dirname, '..');
const SITE = join(ROOT, 'site');
const VITEPRESS = join(SITE, 'node_modules/vitepress/bin/vitepress.js');
const BUILD_TIMEOUT_MS = 600_000;

const pages = listPages(ROOT);
const textOf = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const sidebar = makeSidebar(textOf('docs/README.md'), pages);

function listLinks(items: readonly SidebarItem[]): string[] {
  return items.flatMap(({ link, items: inner = [] }) => [
    ...(link === undefined ? [] : [link]),
    ...listLinks(inner),
  ]);
}

describe('its pages', () => {
  test('are all documents, each in a place of its own', () => {
    expect(pages.size).toBeGreaterThan(150);
    expect(new Set(pages.values()).size).toBe(pages.size);
    expect(pages.get('docs/README.md')).toBe('index.md');
    expect(pages.get('docs/decisions/README.md')).toBe('decisions/index.md');
    expect(pages.get('docs/tasks/alerts.md')).toBe('tasks/alerts.md');
  });

  test('lead to pages and files of the site, never out of it', () => {
    const places = new Set(pages.values());
    for (const [path, place] of pages) {
      const { text, files } = makePage(path, textOf(path), { root: ROOT, pages });
      const links = [...text.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, link = '']) => link.split('#')[0] ?? '')
        .filter((link) => link !== '' && !/^[a-z]+:/.test(link));
      for (const link of links) {
        if (link.startsWith('/files/'))
          expect(files, path).toContain(link.slice('/files/'.length, -'.txt'.length));
        else if (link.endsWith('.md'))
          expect(places, `${path} ${link}`).toContain(posix.join(posix.dirname(place), link));
        else expect(files, path).toContain(posix.join('docs', posix.dirname(place), link));
      }
    }
  });

  test('of what lies outside become copies, or their text', () => {
    const text =
      '[a](../../deploy/crontab.example) [b](../../deploy) [c](../../src/index.ts) [d](watch.md#x) [e](no.md)';
    const made = makePage('docs/tasks/alerts.md', text, { root: ROOT, pages });
    expect(made.text).toBe('[a](/files/deploy/crontab.example.txt) b c [d](./watch.md#x) [e](no.md)');
    expect(made.files).toEqual(['deploy/crontab.example']);
  });

  test('are all in the side bar, but single decisions', () => {
    const links = listLinks(sidebar);
    expect(sidebar.map(({ text }) => text)).toEqual([
      'The tutorial',
      'Tasks',
      'Reference',
      'Explanation',
      'For contributors',
    ]);
    const wanted = [...pages.values()]
      .filter((place) => /^(tasks|reference|explanation)\//.test(place))
      .map((place) => `/${place.slice(0, -'.md'.length)}`);
    expect(links).toEqual(expect.arrayContaining([...wanted, '/decisions/', '/architecture']));
  });
});

if (!existsSync(VITEPRESS)) {
  note('[INFO] left out: building the site of the documents (its packages are not installed: npm run site)');
} else {
  describe('built', () => {
    const folder = mkdtempSync(join(tmpdir(), 'barwright-site-'));
    cpSync(join(SITE, '.vitepress'), join(folder, '.vitepress'), { recursive: true });
    for (const file of ['package.json', 'tsconfig.json']) cpSync(join(SITE, file), join(folder, file));
    symlinkSync(join(SITE, 'node_modules'), join(folder, 'node_modules'));
    const build = () =>
      spawnSync(process.execPath, [VITEPRESS, 'build'], {
        cwd: folder,
        encoding: 'utf8',
        timeout: BUILD_TIMEOUT_MS,
      });
    afterAll(() => rmSync(folder, { recursive: true }));

    test('has every page, and a search', { timeout: BUILD_TIMEOUT_MS }, () => {
      writePages(ROOT, join(folder, 'pages'));
      const { status, stderr } = build();
      expect(status, stderr).toBe(0);
      for (const place of pages.values())
        expect(existsSync(join(folder, 'dist', place.replace(/\.md$/, '.html'))), place).toBe(true);
      const chunks = readdirSync(join(folder, 'dist/assets/chunks'));
      expect(chunks.filter((name) => name.startsWith('@localSearchIndex'))).not.toEqual([]);
    });

    test('fails at a dead link', { timeout: BUILD_TIMEOUT_MS }, () => {
      // Without the theme: its pictures take most of the time.
      for (const part of ['pages', '.vitepress/theme'])
        rmSync(join(folder, part), { recursive: true, force: true });
      mkdirSync(join(folder, 'pages'));
      writeFileSync(join(folder, 'pages/sidebar.json'), '[]');
      writeFileSync(join(folder, 'pages/index.md'), '# One\n\nSee [two](two.md).\n');
      const { status, stderr, stdout } = build();
      expect(stderr + stdout).toContain('dead link');
      expect(status).not.toBe(0);
    });
  });
}
