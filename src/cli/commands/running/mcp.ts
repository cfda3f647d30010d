import { Command } from 'commander';
import { printable } from '../../../domain/text/printable.js';
import { hidePassword } from '../../../storage/settings/secrets.js';
import { serveMcp } from '../../../web/serve-mcp.js';
import { databaseOf } from '../../options/database.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../../options/options.js';
import type { Act } from '../../running/action.js';
import { catchInterrupts } from '../../running/interrupts.js';

/** `barwright mcp`: reads for a language model, until its program closes standard input. */
export function mcpCommand(act: Act): Command {
  const command = new Command('mcp').description(
    'Answer a language model on stdin and stdout by the Model Context Protocol, reading only (see docs/tasks/mcp.md).',
  );
  return withOptions(command, [...DATABASE_OPTIONS, 'source', 'stalenessHours', 'lateAfter']).action(
    (values: OptionValues) => act(runMcp(values)),
  );
}

async function runMcp(values: OptionValues): Promise<number> {
  const interrupts = catchInterrupts();
  try {
    await serveMcp(
      {
        ...databaseOf(values),
        source: values.source ?? null,
        stalenessHours: values.stalenessHours ?? null,
        lateAfter: values.lateAfter,
      },
      {
        signal: interrupts.signal,
        // Standard output belongs to the protocol.
        warn: (text) => process.stderr.write(`[WARNING] ${printable(hidePassword(text))}\n`),
      },
    );
    return 0;
  } finally {
    interrupts.release();
  }
}
