/** Commands that refusals print, taken as a shell would take them. */
import { Command } from 'commander';
import type { OptionValues } from '../../../src/cli/options/option-types.js';
import { withOptions } from '../../../src/cli/options/options.js';
import type { IngestOptions } from '../../../src/components/ingest/files/ingest-file.js';

/** The flags of a command line as a shell would split it. */
export function typed(line: string): Partial<IngestOptions> {
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  const flags = [
    ...(['id', 'symbol', 'map', 'dateFormat', 'decimal', 'zone', 'adjusted', 'skipBadRows'] as const),
    ...(['currency', 'acceptCurrency', 'acceptName', 'acceptAdjustment'] as const),
  ];
  const command = withOptions(new Command('ingest').argument('<file>').exitOverride(), flags);
  command.parse(words.slice(2), { from: 'user' });
  const { adjusted, ...values } = command.opts<OptionValues>();
  return { ...values, ...(adjusted ? { isAdjusted: true } : {}) } as Partial<IngestOptions>;
}

/** The commands of ours that load a file, in a message. */
export const commandsIn = (message: string) =>
  [...message.matchAll(/barwright ingest (?:'[^']*'|[^;'\s])+(?:\s+(?:'[^']*'|[^;'\s]+))*/g)].map(
    ([line]) => line,
  );
