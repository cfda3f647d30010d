import type { CommandEntry, Expected, OptionEntry } from './tree.js';

/** Completion for fish, as a script to be sourced or to be put into its completions folder as barwright.fish. */
export function formatFish(commands: readonly CommandEntry[]): string {
  return `# Completion of barwright for fish. Load it with: barwright completion fish | source
function __barwright_is
    set -l at ''
    for word in (commandline -opc)[2..-1]
        switch "$at $word"
            case ${childPatterns(commands)}
                set at (string trim -- "$at $word")
        end
    end
    test "$at" = "$argv[1]"
end
complete -c barwright -f
${commands.flatMap(formatCommand).join('\n')}
`;
}

function childPatterns(commands: readonly CommandEntry[]): string {
  return commands
    .flatMap(({ path, children }) => children.map(({ name }) => quote(`${path} ${name}`)))
    .join(' ');
}

function formatCommand({ path, children, options, argument }: CommandEntry): string[] {
  const start = `complete -c barwright -n ${quote(`__barwright_is ${quote(path)}`)}`;
  return [
    ...children.map(({ name, description }) => `${start} -a ${name} -d ${quote(description)}`),
    ...(argument === null || argument === 'unknown' ? [] : [`${start} ${offer(argument)}`]),
    ...options.map((option) => `${start} ${formatOption(option)}`),
  ];
}

function formatOption({ names, description, value }: OptionEntry): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  return [...flags, ...formatValue(value), `-d ${quote(description)}`].join(' ');
}

/** -r: the value is needed; -x: and it is no file. */
function formatValue(value: Expected | null): string[] {
  if (value === null) return [];
  if (value === 'unknown') return ['-x'];
  return [value === 'file' ? '-r' : '-x', offer(value)];
}

function offer(expected: Exclude<Expected, 'unknown'>): string {
  if (expected === 'file') return '-F';
  if (expected === 'folder') return "-a '(__fish_complete_directories)'";
  return `-a ${quote(expected.words.join(' '))}`;
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
