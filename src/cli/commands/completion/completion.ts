import { Argument, Command } from 'commander';
import type { Act } from '../../running/action.js';
import { formatBash } from './bash.js';
import { formatFish } from './fish.js';
import { type CommandEntry, listCommands } from './tree.js';
import { formatZsh } from './zsh.js';

const SHELLS = { bash: formatBash, zsh: formatZsh, fish: formatFish } as const satisfies Record<
  string,
  (commands: readonly CommandEntry[]) => string
>;

type Shell = keyof typeof SHELLS;

/** `barwright completion bash | zsh | fish`: a script that completes every command and option that this program has. */
export function completionCommand(act: Act): Command {
  const shell = new Argument('<shell>', 'source <(barwright completion bash)').choices(Object.keys(SHELLS));
  return new Command('completion')
    .description('Print a script that completes commands and options in a shell.')
    .addArgument(shell)
    .action((name: Shell, _values: unknown, command: Command) => act(printScript(name, command)));
}

async function printScript(shell: Shell, command: Command): Promise<number> {
  process.stdout.write(SHELLS[shell](listCommands(command.parent ?? command)));
  return 0;
}
