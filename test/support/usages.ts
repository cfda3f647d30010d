/** How commands are typed, as their help tells it. */
import { expect, vi } from 'vitest';
import { main } from '../../src/cli/main.js';

/** A command as its help tells it. */
interface Usage {
  subcommands: Set<string>;
  /** Whether a value must follow, by option. */
  options: Map<string, boolean>;
}

/** What `--help` says after these words. */
export async function readHelp(words: readonly string[]): Promise<string> {
  let text = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    expect(await main([...words, '--help'])).toBe(0);
  } finally {
    write.mockRestore();
  }
  return text;
}

async function readUsage(words: readonly string[]): Promise<Usage> {
  const help = await readHelp(words);
  // Options and commands stand under headings of their groups.
  const listed = (help.split('\n\nExamples:\n')[0] ?? '')
    .split('\n\n')
    .filter((section) => !section.startsWith('Arguments:'))
    .join('\n');
  const options = new Map<string, boolean>();
  for (const [, short, long, value] of listed.matchAll(/^ {2}(?:(-\w), )?(--[\w-]+)( <)?/gm)) {
    for (const name of [short, long]) if (name) options.set(name, value !== undefined);
  }
  const subcommands = [...listed.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name ?? '');
  return { subcommands: new Set(subcommands.filter((name) => name !== 'help')), options };
}

const usages = new Map<string, Usage>();

/** Reads the usage of a command and of all below it. */
export async function readUsages(words: readonly string[]): Promise<void> {
  const usage = await readUsage(words);
  usages.set(words.join(' '), usage);
  for (const name of usage.subcommands) await readUsages([...words, name]);
}

/** What is wrong with a command line; null when it can be typed. */
export function findFault(words: readonly string[]): string | null {
  let usage = usages.get('');
  let command = '';
  let at = 0;
  while (usage !== undefined && usage.subcommands.size > 0 && !words[at]?.startsWith('-')) {
    command = `${command} ${words[at]}`.trim();
    usage = usages.get(command);
    at += 1;
    if (usage === undefined) return `there is no command "${command}"`;
  }
  for (; at < words.length; at += 1) {
    const [name = '', value] = (words[at] ?? '').split('=');
    if (!name.startsWith('-')) continue;
    const takesValue = usage?.options.get(name);
    if (takesValue === undefined) return `"${command}" has no option ${name}`;
    if (takesValue && value === undefined) {
      at += 1;
      if (words[at] === undefined) return `${name} of "${command}" needs a value`;
    }
  }
  return null;
}

/** Commands that do something: those without commands below them. */
export function listLeaves(): string[] {
  return [...usages]
    .filter(([name, { subcommands }]) => name !== '' && subcommands.size === 0)
    .map(([name]) => name);
}
