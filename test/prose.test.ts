/** What `npm run check` finds when it is put in on purpose: a circle of files, and each fault of a document. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkProse, checkSource, listSources } from '../tools/prose/prose.js';
import { proseOfMarkdown } from '../tools/prose/text.js';

const ROOT = resolve(import.meta.dirname, '..');
const PATH = 'docs/tasks/alerts.md';

/** Messages about a page with this text, each with its line. */
async function find(text: string): Promise<string[]> {
  const findings = await checkProse(proseOfMarkdown(PATH, text), ROOT);
  return findings.map(({ line, message }) => `${line} ${message}`);
}

describe('in a document', () => {
  const LONG = `It is ${'very '.repeat(70)}long.`.replaceAll(/(.{1,110}) /g, '$1\n');

  test.each([
    ['a banned turn', '# Title\n\nThe next run mends it.\n', /^3 banned turn: mends => repairs/],
    ['a banned turn in bold', 'The run **was told** so.\n', /^1 banned turn: told/],
    [
      'a banned turn in a cell',
      '| a | b |\n|---|---|\n| x | held against it |\n',
      /^3 banned turn: held against/,
    ],
    ['a long line', `${'word '.repeat(25)}.\n`, /^1 long line: 126 columns, at most 120/],
    [
      'a long line of a command',
      `\`\`\`sh\n${'barwright '.repeat(13)}\n\`\`\`\n`,
      /^2 long line: 129 columns/,
    ],
    ['a long sentence', LONG, /^1 long sentence: /],
    ['a link to no file', 'See [it](missing.md).\n', /^1 dead link: missing\.md: there is no such file/],
    [
      'a link to no heading',
      'See [it](watch.md#nothing).\n',
      /^1 dead link: watch\.md#nothing: there is no such heading/,
    ],
    [
      'a link to no heading of its own',
      'See [it](#nothing).\n',
      /^1 dead link: #nothing: there is no such heading/,
    ],
    [
      'a link out of the checkout',
      'See [it](../../../x.md).\n',
      /^1 dead link: .*: leads out of the checkout/,
    ],
    ['a word that is misspelt', 'One line.\nThe databse answers.\n', /^2 unknown word: databse/],
  ])('%s is found', async (_fault, text, message) => {
    expect(await find(text)).toEqual([expect.stringMatching(message)]);
  });

  test('code, output, long tables, links that lead somewhere and what is made are left alone', async () => {
    const text = [
      '`mended` and `told`, [alerts](#get-alerts), [here](watch.md#has-it-run-at-all), [there](https://example.org/x).',
      '',
      `| ${'a long cell '.repeat(12)} | b |`,
      '',
      '```text',
      `mended, databse, [dead](dead.md) ${'output '.repeat(20)}`,
      '```',
      '',
    ].join('\n');
    expect(await find(text)).toEqual([]);
    const made = proseOfMarkdown('docs/reference/api.md', `${'word '.repeat(80)}.\n`);
    expect(await checkProse(made, ROOT)).toEqual([]);
  });
});

describe('in a source', () => {
  const at = async (text: string) =>
    (await checkSource('src/a.ts', text)).map(({ line, message }) => `${line} ${message}`);

  test.each([
    [
      'a banned turn in a doc comment',
      '/**\n * Opens it.\n * It is mended.\n */\nlet a: 1;',
      /^3 banned turn: mended/,
    ],
    [
      'one in a comment of two lines',
      'let a: 1;\n// It was\n// told twice.\nlet b: 1;',
      /^3 banned turn: told/,
    ],
    ['one in a message', "let a: 1;\nconst b = 'the run mends it now';", /^2 banned turn: mends/],
    ['one in a template', 'const b = (c: 1) => `asset \x24{c} was told of it`;', /^1 banned turn: told/],
    ['one in the title of a test', "test('the run mends it now', () => {});", /^1 banned turn: mends/],
    ['one in a list', "const b = ['the run mends it now'] as const;", /^1 banned turn: mends/],
    ['one in the words of a page', 'const B = () => <p>the run mends it now</p>;', /^1 banned turn: mends/],
    [
      'one in an attribute of a page',
      'const B = () => <p title="the run mends it now">x</p>;',
      /^1 banned turn: mends/,
    ],
    ['a misspelt word', '// The databse answers.\nlet a: 1;', /^1 unknown word: databse/],
  ])('%s is found', async (fault, text, message) => {
    const path = fault.endsWith('page') ? 'src/a.tsx' : 'src/a.ts';
    const findings = await checkSource(path, text);
    expect(findings.map(({ line, message: said }) => `${line} ${said}`)).toEqual([
      expect.stringMatching(message),
    ]);
  });

  test('tests, tools and measurements are read too', () => {
    const read = listSources(ROOT);
    for (const path of ['src/cli/main.ts', 'test/docs.test.ts', 'tools/test.mjs', 'bench/main.ts'])
      expect(read).toContain(path);
  });

  test('SQL, styles, names, imports and code in comments are left alone', async () => {
    const text = [
      "import { mended } from './mended.js';",
      "const a = 'select mended from told where databse = 1';",
      "const b = 'mended';",
      "const c = ':root { told: mended databse; }';",
      '// `mended` and `databse` are names.',
    ].join('\n');
    expect(await at(text)).toEqual([]);
  });
});

test('a circle of files is found', () => {
  const folder = mkdtempSync(join(tmpdir(), 'barwright-circle-'));
  try {
    const biome = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8')) as Record<string, unknown>;
    const settings = { ...biome, $schema: undefined, vcs: undefined };
    writeFileSync(join(folder, 'biome.json'), JSON.stringify(settings));
    copyFileSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
    const importing = (other: string) =>
      `import { ${other} } from './${other}.js';\n\nexport const x${other} = ${other};\n`;
    writeFileSync(join(folder, 'a.ts'), importing('b').replace('xb', 'a'));
    writeFileSync(join(folder, 'b.ts'), importing('a').replace('xa', 'b'));
    const program = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');
    const { status, stderr } = spawnSync(process.execPath, [program, 'lint', 'a.ts', 'b.ts'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(stderr).toContain('lint/suspicious/noImportCycles');
    expect(status).toBe(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('npm run check and npm test look for both', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  for (const text of [scripts.check, readFileSync(join(ROOT, 'tools/test.mjs'), 'utf8')]) {
    expect(text).toContain('biome');
    expect(text).toContain('tools/check-prose.mjs');
  }
});
