import { Command } from 'commander';
import { UsageError } from '../../domain/errors.js';
import { parseId } from '../../domain/ids.js';
import { listAssets, upsertAssets } from '../../storage/assets.js';
import type { Act } from '../main.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../options.js';
import { createTalk } from '../talk.js';
import { withDatabase } from '../with-database.js';

interface AssetValues extends OptionValues {
  symbol?: string;
  name?: string;
  assetClass?: string;
}

/** `barwright asset add | list`: what the warehouse is about. */
export function assetCommand(act: Act): Command {
  const add = new Command('add')
    .description('Register an asset, or change its symbol, name or class.')
    .argument('<id>', 'CoinMarketCap id')
    .option('--symbol <symbol>', 'Ticker, such as BTC')
    .option('--name <name>', 'Name, such as Bitcoin: ingest finds the asset by it')
    .option('--asset-class <class>', 'Class (default: crypto)');
  const list = new Command('list').description('List the assets.');
  return new Command('asset')
    .description('Register and list assets.')
    .addCommand(
      withOptions(add, DATABASE_OPTIONS).action((id: string, values: AssetValues) =>
        act(addAsset(id, values)),
      ),
    )
    .addCommand(
      withOptions(list, [...DATABASE_OPTIONS, 'json']).action((values: OptionValues) =>
        act(printAssets(values)),
      ),
    );
}

async function addAsset(text: string, values: AssetValues): Promise<number> {
  const talk = createTalk(false);
  const id = parseId(text.trim());
  for (const [flag, value] of [
    ['--symbol', values.symbol],
    ['--name', values.name],
    ['--asset-class', values.assetClass],
  ] as const) {
    if (value?.trim() === '') throw new UsageError(`${flag} expects a text, got an empty one`);
  }
  const changed = await withDatabase(values, { talk }, (database) =>
    database.transaction((tx) =>
      upsertAssets(tx, [
        {
          id,
          symbol: values.symbol ?? null,
          name: values.name ?? null,
          assetClass: values.assetClass ?? null,
        },
      ]),
    ),
  );
  talk.say(
    changed === 1
      ? `[OK] asset ${id} is registered`
      : `[OK] asset ${id} was registered already, nothing changed`,
  );
  return 0;
}

async function printAssets(values: OptionValues): Promise<number> {
  const talk = createTalk(values.json ?? false);
  const assets = await withDatabase(values, { talk }, (database) => database.read(listAssets));
  if (values.json) {
    talk.json({ version: 1, assets });
    return 0;
  }
  for (const asset of assets) {
    const name = [asset.symbol, asset.name].filter((part) => part !== null).join(' · ') || '(no name)';
    talk.say(
      `${String(asset.id).padStart(8)}  ${name}  ${asset.assetClass}${asset.isActive ? '' : '  retired'}`,
    );
  }
  talk.say(`${assets.length} assets`);
  return 0;
}
