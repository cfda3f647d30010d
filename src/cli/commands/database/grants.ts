import { Command } from 'commander';
import { UsageError } from '../../../domain/text/errors.js';
import { formatGrants } from '../../../storage/schema/grants.js';
import { type OptionValues, withOptions } from '../../options/options.js';
import type { Act } from '../../running/action.js';

/** `barwright grants`: prints the SQL that gives roles their rights. It opens no database. */
export function grantsCommand(act: Act): Command {
  const command = new Command('grants').description(
    'Print the SQL for roles with no more rights than they need; nothing is executed.',
  );
  return withOptions(command, ['owner', 'runner', 'reader', 'schema', 'source', 'queue']).action(
    (values: OptionValues) => act(printGrants(values)),
  );
}

async function printGrants(values: OptionValues): Promise<number> {
  const { owner = null, runner = null, reader = null, schema, source = null } = values;
  const given = [owner, runner, reader].filter((name) => name !== null);
  if (given.length === 0)
    throw new UsageError('grants expects at least one of --owner ROLE, --runner ROLE, --reader ROLE');
  if (new Set(given).size < given.length)
    throw new UsageError('grants expects different roles: each is given exactly the rights of its kind');
  process.stdout.write(formatGrants({ owner, runner, reader, schema, source, queue: values.queue ?? false }));
  return 0;
}
