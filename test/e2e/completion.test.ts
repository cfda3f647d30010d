/** Completion scripts, as the shells understand them: bash really completes, zsh and fish check what they read. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../support/cli.js';
import { note } from '../support/note.js';
import { expectExit } from '../support/warehouse.js';

const TIMEOUT_MS = 20_000;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'barwright-completion-'));
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { stdout, stderr } = await expectExit(0, runCli(['completion', shell]));
    expect(stderr).toBe('');
    writeFileSync(join(folder, shell), stdout);
  }
  mkdirSync(join(folder, 'prices'));
  writeFileSync(join(folder, 'prices.csv'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a real bash offers for the last of these words. */
function complete(...words: string[]): string[] {
  const program = `set -u; source ./bash; complete -p barwright; shift
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _barwright; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const output = execFileSync('bash', ['--norc', '-c', program, 'bash', 'x', 'barwright', ...words], {
    cwd: folder,
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  });
  const [registered, ...offered] = output.trimEnd().split('\n');
  expect(registered).toBe('complete -F _barwright barwright');
  return offered.filter((word) => word !== '').toSorted();
}

/** Commands and options that --help of a command lists. */
async function readHelp(path: readonly string[]): Promise<{ commands: string[]; options: string[] }> {
  const { stdout } = await expectExit(0, runCli([...path, '--help']));
  const [listed = ''] = stdout.split('\n\nExamples:\n');
  const commands = listed.split('\n\n').filter((section) => !section.startsWith('Arguments:'));
  const names = [...commands.join('\n').matchAll(/^ {2}([a-z]+)\b/gm)].map(([, name = '']) => name);
  const options = [...stdout.matchAll(/^ {2}(-\S+?)(?:, (--[a-z-]+))?(?= )/gm)];
  return {
    commands: names.filter((name) => name !== 'help'),
    options: options.flatMap(([, first = '', second]) => (second === undefined ? [first] : [first, second])),
  };
}

describe('bash', () => {
  test('offers, for every command, the commands and options that its --help lists, and no others', async () => {
    const seen: string[] = [];
    const visit = async (path: string[]): Promise<void> => {
      seen.push(path.join(' '));
      const { commands, options } = await readHelp(path);
      expect(options).toContain('--help');
      expect(complete(...path, '-'), path.join(' ')).toEqual(options.toSorted());
      if (commands.length === 0) return;
      expect(complete(...path, ''), path.join(' ')).toEqual(commands.toSorted());
      for (const name of commands) await visit([...path, name]);
    };
    await visit([]);
    expect(seen.length).toBeGreaterThan(25);
    expect(seen).toEqual(expect.arrayContaining(['', 'refresh', 'asset add', 'db backup', 'completion']));
  });

  test.each<[string[], string[]]>([
    [['ref'], ['refresh']],
    [
      ['asset', 're'],
      ['release', 'restore', 'retire'],
    ],
    [
      ['ingest', '--s'],
      ['--schema', '--since', '--skip-bad-rows', '--strict', '--symbol'],
    ],
    [
      ['ingest', 'pri'],
      ['prices', 'prices.csv'],
    ],
    [
      ['refresh', '--bars', '--log-file', 'pri'],
      ['prices', 'prices.csv'],
    ],
    [['refresh', '--data-dir', 'pri'], ['prices']],
    [['db', 'backup', 'pri'], ['prices']],
    [['export', 'b'], ['bars']],
    [
      ['export', 'bars', '--alignment', 'cal_anchor'],
      ['cal_anchor_iso', 'cal_anchor_us'],
    ],
    // As bash splits "--alignment=" and "--alignment=v": at the sign.
    [['export', '--alignment', '=', 'v'], ['v2']],
    [
      ['export', '--alignment', '='],
      ['cal_anchor_iso', 'cal_anchor_us', 'cal_iso', 'cal_us', 'multi_tf', 'v2'],
    ],
    [
      ['completion', ''],
      ['bash', 'fish', 'zsh'],
    ],
    // Only the user knows these.
    [['runs', '--limit', ''], []],
    [['refresh', '--num-processes', '-'], []],
    [['refresh', 'pri'], []],
    [['nonsense', 'pri'], []],
    // The value of an option, and what looks like a command within one, lead nowhere else.
    [['ingest', '--id', '1', '--skip'], ['--skip-bad-rows']],
    [['ingest', 'asset', '--skip'], ['--skip-bad-rows']],
  ])('of %j offers %j', (words, offered) => {
    expect(complete(...words)).toEqual(offered);
  });
});

test.each([
  ['zsh', '-n'],
  ['fish', '--no-execute'],
])('%s accepts its script', (shell, flag) => {
  const { error, status, stderr } = spawnSync(shell, [flag, join(folder, shell)], {
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  });
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') {
    note(`[INFO] left out: ${shell} is not installed, so nobody has read its completion script`);
    return;
  }
  expect([error, status, stderr]).toEqual([undefined, 0, '']);
});

test('a shell that is not known is an error on stderr: stdout is sourced', async () => {
  const { code, stdout, stderr } = await runCli(['completion', 'tcsh']);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/'tcsh' is invalid .*bash, zsh, fish/);
});
