import { Command } from 'commander';
import { UsageError } from '../../../domain/text/errors.js';
import { parseIdList } from '../../../domain/text/ids.js';
import { findUnusableIds } from '../../../storage/assets/assets.js';
import { deleteQuarantine, listQuarantine } from '../../../storage/planning/quarantine.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../../options/options.js';
import { createTalk } from '../../output/messages.js';
import type { Act } from '../../running/action.js';
import { withDatabase } from '../../running/with-database.js';

/** `barwright asset release ID…`: the next run tries these assets again. */
export function releaseCommand(act: Act): Command {
  const command = new Command('release')
    .description('Take assets out of quarantine: the next run tries them again.')
    .argument('<ids...>', 'CoinMarketCap ids or symbols, such as 1 52 or BTC,XRP');
  return withOptions(command, DATABASE_OPTIONS).action((texts: string[], values: OptionValues) =>
    act(releaseAssets(texts, values)),
  );
}

/** All of them or none: an unknown id is a usage error that names it. */
async function releaseAssets(texts: readonly string[], values: OptionValues): Promise<number> {
  const talk = createTalk(false);
  const ids = parseIdList(texts.join(','));
  if (ids === null) throw new UsageError('asset release expects ids, not "all"');
  const entries = await withDatabase(values, { talk, isWriting: true }, (database) =>
    database.transaction(async (tx) => {
      const { unknown } = await findUnusableIds(tx, ids);
      if (unknown.length > 0)
        throw new UsageError(`no such asset: ${unknown.join(', ')}; "barwright asset list" shows them`);
      const found = await listQuarantine(tx, ids);
      await deleteQuarantine(tx, found);
      return found;
    }),
  );
  for (const id of ids) {
    const isHeld = entries.some((entry) => entry.id === id && entry.quarantinedUs !== null);
    talk.say(isHeld ? `[OK] asset ${id} is released` : `[OK] asset ${id} was not quarantined`);
  }
  return 0;
}
