import { Command } from 'commander';
import { UsageError } from '../../../domain/text/errors.js';
import { parseId } from '../../../domain/text/ids.js';
import { listSourceNames } from '../../../orchestration/inspect/sources.js';
import { writeAssetSource } from '../../../storage/assets/assets.js';
import { configuredSourceText } from '../../options/named-sources.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../../options/options.js';
import { createTalk } from '../../output/messages.js';
import type { Act } from '../../running/action.js';
import { withDatabase } from '../../running/with-database.js';
import { checkSourceName } from './source.js';

/** `barwright asset source ID NAME`: says which source counts for an asset that is in several. */
export function assetSourceCommand(act: Act): Command {
  const command = new Command('source')
    .description('Say which source counts for an asset that is in several, or take that back.')
    .argument('<id>', 'CoinMarketCap id, or symbol')
    .argument('[name]', 'Name of the source, as "barwright source list" shows it');
  return withOptions(command, ['remove', ...DATABASE_OPTIONS]).action(
    (id: string, name: string | undefined, values: OptionValues) => act(setSource(id, name, values)),
  );
}

async function setSource(text: string, name: string | undefined, values: OptionValues): Promise<number> {
  const talk = createTalk(false);
  const id = parseId(text.trim());
  if ((name === undefined) !== (values.remove === true))
    throw new UsageError('asset source expects the name of a source, or --remove');
  await withDatabase(values, { talk, isWriting: true }, (database) =>
    database.transaction(async (tx) => {
      const known = await listSourceNames(tx, configuredSourceText());
      const source = name === undefined ? null : checkSourceName(name, known);
      if ((await writeAssetSource(tx, id, source)) === 0)
        throw new UsageError(`no such asset: ${id}; "barwright asset list" shows them`);
    }),
  );
  talk.say(
    name === undefined
      ? `[OK] asset ${id}: the source that has its id counts`
      : `[OK] asset ${id}: the source "${name}" counts; the next refresh reads it`,
  );
  return 0;
}
