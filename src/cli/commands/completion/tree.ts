import type { Argument, Command, Option } from 'commander';

/** What can stand at a place: one of some words, a file, a folder, or something that only the user knows. */
export type Expected = { readonly words: readonly string[] } | 'file' | 'folder' | 'unknown';

export interface OptionEntry {
  /** "--num-processes", and "-n" where there is one. */
  readonly names: readonly string[];
  readonly description: string;
  /** null: no value, or one that may be left out. */
  readonly value: Expected | null;
}

/** One command with what may follow its name. */
export interface CommandEntry {
  /** Names from the program on, without it: "asset add"; '' is the program itself. */
  readonly path: string;
  readonly children: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly OptionEntry[];
  readonly argument: Expected | null;
}

/** Every command of a program, parents before children: what completion knows is what --help says. */
export function listCommands(program: Command, path = ''): CommandEntry[] {
  const help = program.createHelp();
  const children = help.visibleCommands(program).filter((child) => program.commands.includes(child));
  const entry: CommandEntry = {
    path,
    children: children.map((child) => ({ name: child.name(), description: child.description() })),
    options: help.visibleOptions(program).map(describeOption),
    argument: describeArgument(program.registeredArguments),
  };
  return [entry, ...children.flatMap((child) => listCommands(child, joinPath(path, child.name())))];
}

function joinPath(path: string, name: string): string {
  return path === '' ? name : `${path} ${name}`;
}

function describeOption(option: Option): OptionEntry {
  const names = [option.long, option.short].filter((name) => typeof name === 'string');
  const value = option.required ? expectedOf(option.argChoices, option.flags) : null;
  return { names, description: option.description, value };
}

/** Arguments are completed wherever they stand: commands that take several take several of one kind. */
function describeArgument(given: readonly Argument[]): Expected | null {
  const [first] = given;
  return first === undefined ? null : expectedOf(first.argChoices, `<${first.name()}>`);
}

/** What a value may be: its choices, or what its name in "<…>" says. */
function expectedOf(choices: readonly string[] | undefined, flags: string): Expected {
  if (choices !== undefined) return { words: choices };
  if (/<files?\b/.test(flags)) return 'file';
  return /<dir\b/.test(flags) ? 'folder' : 'unknown';
}
