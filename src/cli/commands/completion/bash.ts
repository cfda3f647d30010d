import type { CommandEntry, Expected, OptionEntry } from './tree.js';

/** Completion for bash 4 or later, as a script to be sourced. */
export function formatBash(commands: readonly CommandEntry[]): string {
  return `# Completion of barwright for bash 4 or later. Load it with: source <(barwright completion bash)
_barwright_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2"); }
_barwright_paths() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$2")
}
_barwright() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} at='' index
  # bash takes "--tf=7D" for three words.
  if [[ $cur == '=' ]]; then
    cur=''
  elif [[ $prev == '=' ]]; then
    prev=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "$at \${COMP_WORDS[index]}" in
      ${childPatterns(commands)}) at="\${at:+$at }\${COMP_WORDS[index]}" ;;
    esac
  done
  COMPREPLY=()
  case $at in
${commands.map(formatCommand).join('\n')}
  esac
}
complete -F _barwright barwright
`;
}

/** "'path child'" of every command but the program: the steps from one command to the next. */
function childPatterns(commands: readonly CommandEntry[]): string {
  return commands
    .flatMap(({ path, children }) => children.map(({ name }) => `'${path} ${name}'`))
    .join(' | ');
}

function formatCommand({ path, children, options, argument }: CommandEntry): string {
  const names = options.flatMap((option) => option.names).join(' ');
  const values = options.flatMap((option) => formatValue(option));
  const own = children.length > 0 ? { words: children.map(({ name }) => name) } : argument;
  // Where only the user knows what stands here, the options are what can be shown.
  const plain = own === null || own === 'unknown' ? { words: [names] } : own;
  return `    '${path}')
      case $prev in
        ${[...values, '*) ;;'].join('\n        ')}
      esac
      if [[ $cur == -* ]]; then ${offer({ words: [names] })}; else ${offer(plain)}; fi
      ;;`;
}

function formatValue({ names, value }: OptionEntry): string[] {
  if (value === null) return [];
  return [`${names.join(' | ')}) ${value === 'unknown' ? '' : `${offer(value)}; `}return ;;`];
}

function offer(expected: Exclude<Expected, 'unknown'>): string {
  if (expected === 'file') return '_barwright_paths -f "$cur"';
  if (expected === 'folder') return '_barwright_paths -d "$cur"';
  return `_barwright_words '${expected.words.join(' ')}' "$cur"`;
}
