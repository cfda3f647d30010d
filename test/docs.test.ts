/** The documents: they are there, their links lead somewhere, and every command line in them can be typed. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { PARTS, readDecision, readDecisions } from '../tools/documents/decisions.js';
import { checkLinks } from '../tools/prose/links.js';
import { proseOfMarkdown } from '../tools/prose/text.js';
import { findFault, listLeaves, readUsages } from './support/usages.js';

const ROOT = resolve(import.meta.dirname, '..');
const SUMMARY = '.planning/phases/23-reliable-incremental-refresh/23-02-SUMMARY.md';
const EXPECTED = [
  'README.md',
  'AGENTS.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'LICENSE',
  'docs/reference/api.md',
  'docs/reference/commands.md',
  'docs/reference/config.md',
  'docs/decisions/README.md',
  'docs/reference/examples.md',
  'docs/tasks/install.md',
  'docs/contributing/licences.md',
  'docs/reference/numbers.md',
  'docs/reference/reliability.md',
  'docs/explanation/scale.md',
  'docs/reference/sql.md',
  'docs/contributing/testing.md',
  'docs/tutorial.md',
  SUMMARY,
];
const DOCUMENTS = [...globSync(['*.md', 'docs/**/*.md', '.planning/**/*.md'], { cwd: ROOT })].sort();

interface CommandLine {
  /** Document and line. */
  place: string;
  /** Without the program: `['refresh', '--all']`. */
  words: string[];
}

/** At the beginning, in quotes or brackets, or after another command. */
const PROGRAM = /(?:^|[("'`]|&& |\|\| )(?:npm run -s barwright -- |(?:\.\/)?barwright )(.*)$/;

function textOf(document: string): string {
  return readFileSync(resolve(ROOT, document), 'utf8');
}

/** Code: lines of fenced shell blocks, and everything between single backticks. */
function listCode(document: string): { place: string; code: string }[] {
  let fence: string | null = null;
  return textOf(document)
    .split('\n')
    .flatMap((line, index) => {
      const place = `${document}:${index + 1}`;
      const opened = /^```(\w*)/.exec(line);
      if (opened) {
        fence = fence === null ? (opened[1] ?? '') : null;
        return [];
      }
      if (fence !== null) return fence === 'sh' ? [{ place, code: line }] : [];
      return [...line.matchAll(/`([^`]+)`/g)].map(([, code]) => ({ place, code: code ?? '' }));
    });
}

/** Words after a pipe, a redirection or a comment are not ours. */
function findCommandLines(document: string): CommandLine[] {
  return listCode(document).flatMap(({ place, code }) => {
    const typed = PROGRAM.exec(code)?.[1]?.split(/\s+(?:#|>|2>|\||&&|<)|[)"'`]/)[0];
    if (typed === undefined || /^[….\s]*$/.test(typed)) return [];
    return [{ place, words: typed.trim().split(/\s+/) }];
  });
}

test('every document is there', () => {
  for (const path of EXPECTED) expect(existsSync(resolve(ROOT, path)), path).toBe(true);
  expect(DOCUMENTS).toEqual(expect.arrayContaining(EXPECTED.filter((path) => path.endsWith('.md'))));
});

test('AGENTS.md is one page, and the paths that it names exist', () => {
  const text = textOf('AGENTS.md');
  expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(80);
  const paths = [...text.matchAll(/`((?:\.ci|src|sql|test|tools|examples|docs|bench|dist)\/[^`\s]*)`/g)].map(
    ([, path]) => path ?? '',
  );
  expect(paths.length).toBeGreaterThan(20);
  expect(paths.filter((path) => !existsSync(resolve(ROOT, path)))).toEqual([]);
});

test('LICENSE is the whole Apache License 2.0', () => {
  const text = textOf('LICENSE');
  expect(text).toMatch(/^\s*Apache License\n\s*Version 2\.0, January 2004\n/);
  expect(text).toContain('END OF TERMS AND CONDITIONS');
  for (let section = 1; section <= 9; section += 1)
    expect(text).toMatch(new RegExp(`^ {3}${section}\\. `, 'm'));
});

describe('the tree of documents', () => {
  const pages = DOCUMENTS.filter((path) => path.startsWith('docs/') && !path.startsWith('docs/decisions/'));

  test('every page is linked from docs/README.md, and lies in a part of the tree', () => {
    const linked = [...textOf('docs/README.md').matchAll(/\]\(([^)#\s]+)/g)].map(
      ([, link]) => `docs/${link}`,
    );
    expect(pages.length).toBeGreaterThan(40);
    expect(pages.filter((path) => path !== 'docs/README.md' && !linked.includes(path))).toEqual([]);
    const parts = /^docs\/((tasks|reference|explanation|contributing)\/[a-z-]+|tutorial|README)\.md$/;
    expect(pages.filter((path) => !parts.test(path))).toEqual([]);
  });

  test('a task has one page of at most 120 lines', () => {
    const tasks = pages.filter((path) => path.startsWith('docs/tasks/'));
    expect(tasks.length).toBeGreaterThan(20);
    const linesOf = (path: string) => textOf(path).trimEnd().split('\n').length;
    expect(tasks.filter((path) => linesOf(path) > 120)).toEqual([]);
  });
});

describe.each(DOCUMENTS)('%s', (document) => {
  test('relative links lead to files and headings that exist', () => {
    expect(checkLinks(proseOfMarkdown(document, textOf(document)), ROOT)).toEqual([]);
  });

  test('names no place of one machine', () => {
    const place = /(?:^|[\s"'`(=])\/(?:tmp|home|work|root|Users)\//;
    // The one such folder that is said: where not to put data.
    const lines = textOf(document).split('\n');
    expect(lines.filter((line) => place.test(line.replaceAll('`/root`', '')))).toEqual([]);
  });

  test('paths from the root of the checkout that it names exist', () => {
    const named = [...textOf(document).matchAll(/`((?:src|sql|test|tools|bench|docs)\/[\w/.-]*\w)`/g)];
    const missing = named.map(([, path]) => path ?? '').filter((path) => !existsSync(resolve(ROOT, path)));
    expect(missing).toEqual([]);
  });

  test('test files that it names exist', () => {
    const named = [...textOf(document).matchAll(/`([\w/.-]+\.test\.ts)`/g)].map(([, path]) => path ?? '');
    const missing = named.filter(
      (path) => !['', 'test/e2e'].some((folder) => existsSync(resolve(ROOT, folder, path))),
    );
    expect(missing).toEqual([]);
  });

  test('npm scripts that it names exist', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    const missing = listCode(document).flatMap(({ place, code }) =>
      [...code.matchAll(/\bnpm run (?:-s )?([\w:-]+)/g)]
        .filter(([, name]) => scripts[name ?? ''] === undefined)
        .map(([line]) => `${place} ${line}`),
    );
    expect(missing).toEqual([]);
  });
});

test('the titles of tests that the summary of the order quotes are titles of tests', () => {
  const tests = globSync('{src,test}/**/*.test.ts', { cwd: ROOT }).map(textOf).join('\n');
  const quoted = [...textOf(SUMMARY).matchAll(/(?<![*\w])\*([^*\n]+)\*(?!\*)/g)].map(
    ([, title]) => title ?? '',
  );
  expect(quoted.length).toBeGreaterThan(15);
  const parts = quoted.flatMap((title) => title.split('…')).map((part) => part.trim());
  expect(parts.filter((part) => !tests.includes(part))).toEqual([]);
});

/** Numbers that a text gives as those of decisions: "decision 057", "decisions 057 and 058". */
function numbersOf(text: string): string[] {
  return [...text.matchAll(/\bdecisions?\s+(\d+(?:(?:, | and )\d+)*)/gi)].flatMap(
    ([, numbers]) => numbers?.match(/\d+/g) ?? [],
  );
}

describe('ARCHITECTURE.md', () => {
  const text = textOf('ARCHITECTURE.md');

  test('is short: at most 250 lines of at most 120 columns, with four pictures', () => {
    const lines = text.trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(250);
    expect(lines.filter((line) => line.length > 120)).toEqual([]);
    expect(lines.filter((line) => line === '```mermaid')).toHaveLength(4);
  });

  test('leads to every folder of src, and names every table', () => {
    const sources = globSync('src/**/*.{ts,tsx}', { cwd: ROOT });
    const folders = [...new Set(sources.map((path) => dirname(path)))].filter((folder) => folder !== 'src');
    expect(folders.length).toBeGreaterThan(20);
    expect(folders.filter((folder) => !text.includes(`\`${folder}\``))).toEqual([]);
    const sql = globSync('sql/*.sql', { cwd: ROOT }).sort().map(textOf).join('\n');
    const gone = new Set(
      [...sql.matchAll(/^drop table ([^;]+);/gm)].flatMap(([, names]) => names?.split(', ')),
    );
    const tables = [...sql.matchAll(/^ *create table (\w+)/gm)].map(([, name]) => name ?? '');
    expect(tables.length).toBeGreaterThan(25);
    expect(tables.filter((table) => !gone.has(table) && !text.includes(table))).toEqual([]);
  });
});

describe('decisions', () => {
  const decisions = readDecisions(ROOT);

  test('each has its four parts, and the numbers have no hole and none twice', () => {
    for (const { file, parts } of decisions) expect(parts, file).toEqual(PARTS);
    expect(decisions.map(({ number }) => Number(number))).toEqual(decisions.map((_, index) => index + 1));
    expect(decisions.length).toBeGreaterThan(90);
  });

  test('code, tests and documents name only decisions that exist', () => {
    const known = new Set(decisions.map(({ number }) => number));
    const sources = globSync('{src,sql,test,tools,bench,deploy}/**/*.{ts,tsx,cts,mjs,sql,yml}', {
      cwd: ROOT,
    });
    const unknown = [...DOCUMENTS, ...sources]
      .filter((path) => path !== 'test/docs.test.ts')
      .flatMap((path) => numbersOf(textOf(path)).map((number) => ({ path, number })))
      .filter(({ number }) => !known.has(number));
    expect(unknown).toEqual([]);
  });

  test('a wrong number, a missing part and an unknown subject are noticed', () => {
    expect(numbersOf('see decision 999, decisions 001 and 42')).toEqual(['999', '001', '42']);
    const text = '# 001. Title\n\nSubject: Processes\n\n**Decision.** It is so.\n\n**Cost.** None.\n';
    expect(readDecision('001-title.md', text).parts).toEqual(['Decision', 'Cost']);
    expect(() => readDecision('002-title.md', text)).toThrow('expected the number 002, got 001');
    expect(() => readDecision('001-title.md', text.replace('Processes', 'Things'))).toThrow('"Things"');
  });
});

describe('command lines', () => {
  beforeAll(() => readUsages([]));
  const commandLines = DOCUMENTS.flatMap(findCommandLines);

  test('can be typed: commands and options exist', () => {
    expect(commandLines.length).toBeGreaterThan(40);
    const faults = commandLines.flatMap(({ place, words }) => {
      const fault = findFault(words);
      return fault === null ? [] : [`${place} barwright ${words.join(' ')}: ${fault}`];
    });
    expect(faults).toEqual([]);
  });

  test('of every command there is one', () => {
    const named = commandLines.map(({ words }) => words.join(' '));
    const unnamed = listLeaves().filter(
      (name) => !named.some((line) => line === name || line.startsWith(`${name} `)),
    );
    expect(unnamed).toEqual([]);
  });

  test('a command or an option that does not exist is noticed', () => {
    expect(findFault(['refreh', '--all'])).toBe('there is no command "refreh"');
    expect(findFault(['refresh', '--al'])).toBe('"refresh" has no option --al');
    expect(findFault(['refresh', '--ids'])).toBe('--ids of "refresh" needs a value');
    expect(findFault(['asset', 'ad', '1'])).toBe('there is no command "asset ad"');
    expect(findFault(['refresh', '--all', '-n', '4', '--ids=1'])).toBeNull();
  });
});
