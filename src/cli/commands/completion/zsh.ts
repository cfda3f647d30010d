import type { CommandEntry, Expected, OptionEntry } from './tree.js';

/** Completion for zsh, as a script to be sourced after compinit or to be put into $fpath as _barwright. */
export function formatZsh(commands: readonly CommandEntry[]): string {
  return `#compdef barwright
# Completion of barwright for zsh. Load it after compinit with: source <(barwright completion zsh)
_barwright() {
  local at='' index
  local -a options found
  for ((index = 2; index < CURRENT; index++)); do
    case "$at \${words[index]}" in
      (${childPatterns(commands)}) at="\${at:+$at }\${words[index]}" ;;
    esac
  done
  case $at in
${commands.map(formatCommand).join('\n')}
  esac
}
if [[ $funcstack[1] == _barwright ]]; then
  _barwright "$@"
else
  compdef _barwright barwright
fi
`;
}

function childPatterns(commands: readonly CommandEntry[]): string {
  return commands
    .flatMap(({ path, children }) => children.map(({ name }) => quote(`${path} ${name}`)))
    .join('|');
}

function formatCommand({ path, children, options, argument }: CommandEntry): string {
  const described = options.flatMap(({ names, description }) =>
    names.map((name) => quote(`${name}:${description}`)),
  );
  const values = options.flatMap(formatValue);
  const names = children.map(({ name, description }) => quote(`${name}:${description}`));
  const own =
    names.length > 0 ? `found=(${names.join(' ')}); _describe command found` : offer(argument ?? 'unknown');
  return `    (${quote(path)})
      options=(${described.join(' ')})
      case \${words[CURRENT-1]} in
        ${[...values, '(*) ;;'].join('\n        ')}
      esac
      if [[ $PREFIX == -* ]]; then _describe -o option options; else ${own}; fi
      ;;`;
}

function formatValue({ names, value }: OptionEntry): string[] {
  if (value === null) return [];
  const action = value === 'unknown' ? '_message value' : offer(value);
  return [`(${names.join('|')}) ${action}; return ;;`];
}

function offer(expected: Expected): string {
  if (expected === 'file') return '_files';
  if (expected === 'folder') return '_files -/';
  if (expected === 'unknown') return '_describe -o option options';
  return `found=(${expected.words.map(quote).join(' ')}); _describe value found`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
