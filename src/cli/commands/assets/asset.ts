import { Command, Option } from 'commander';
import { countOf } from '../../../domain/causes/format.js';
import { currencyOfCode } from '../../../domain/prices/currency.js';
import { UsageError } from '../../../domain/text/errors.js';
import { parseId, parseIdList } from '../../../domain/text/ids.js';
import { boundLine, LONGEST_NAME, storedName } from '../../../domain/text/printable.js';
import { listAssetStandings } from '../../../orchestration/inspect/list-assets.js';
import { findUnusableIds, upsertAssets, writeAssetsActive } from '../../../storage/assets/assets.js';
import { readAssetQuote, writeAssetQuote } from '../../../storage/assets/quotes.js';
import type { Tx } from '../../../storage/session/database.js';
import { configuredExpectations } from '../../options/named-sources.js';
import { parseCurrency } from '../../options/option-values.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../../options/options.js';
import { createTalk } from '../../output/messages.js';
import type { Act } from '../../running/action.js';
import { withDatabase } from '../../running/with-database.js';
import { assetSourceCommand } from './asset-source.js';
import { calendarCommand, holidayCommand } from './calendar.js';
import { acceptCommand, findingsCommand } from './findings.js';
import { purgeCommand } from './purge.js';
import { releaseCommand } from './release.js';
import { formatStanding, splitCommand } from './split.js';

interface AssetValues extends OptionValues {
  symbol?: string;
  name?: string;
  assetClass?: string;
  currency?: string;
}

/** `barwright asset add | list | retire | restore | release | split | findings | accept | purge`: what the warehouse is about. */
export function assetCommand(act: Act): Command {
  const add = new Command('add')
    .description('Register an asset, or change its symbol, name, class or currency.')
    // Not "id": no symbol stands for an asset that may be new.
    .argument('<number>', 'CoinMarketCap id')
    .option('--symbol <symbol>', 'Ticker, such as BTC')
    .option('--name <name>', 'Name, such as Bitcoin: ingest finds the asset by it')
    .option('--asset-class <class>', 'Class (default: crypto)')
    .addOption(
      new Option('--currency <code>', 'Currency of its prices, such as EUR').argParser(parseCurrency),
    );
  const list = new Command('list').description('List the assets.');
  return new Command('asset')
    .description(
      'Register, list, retire, release, split, accept and purge assets; say when their prices are expected.',
    )
    .addCommand(
      withOptions(add, DATABASE_OPTIONS).action((id: string, values: AssetValues) =>
        act(addAsset(id, values)),
      ),
    )
    .addCommand(
      withOptions(list, [...DATABASE_OPTIONS, 'json']).action((values: OptionValues) =>
        act(printAssets(values)),
      ),
    )
    .addCommand(activeCommand('retire', act))
    .addCommand(activeCommand('restore', act))
    .addCommand(releaseCommand(act))
    .addCommand(splitCommand(act))
    .addCommand(calendarCommand(act))
    .addCommand(holidayCommand(act))
    .addCommand(findingsCommand(act))
    .addCommand(acceptCommand(act))
    .addCommand(assetSourceCommand(act))
    .addCommand(purgeCommand(act));
}

const VERBS = {
  retire: {
    isActive: false,
    done: 'retired',
    description: 'Leave assets out of "all" and of freshness; their history stays.',
  },
  restore: { isActive: true, done: 'active', description: 'Bring retired assets back.' },
} as const;

function activeCommand(verb: keyof typeof VERBS, act: Act): Command {
  const command = new Command(verb)
    .description(VERBS[verb].description)
    .argument('<ids...>', 'CoinMarketCap ids or symbols, such as 1 52 or BTC,XRP');
  return withOptions(command, DATABASE_OPTIONS).action((texts: string[], values: OptionValues) =>
    act(setActive(verb, texts, values)),
  );
}

/** All of them or none: an unknown id is a usage error that names it. */
async function setActive(
  verb: keyof typeof VERBS,
  texts: readonly string[],
  values: OptionValues,
): Promise<number> {
  const talk = createTalk(false);
  const ids = parseIdList(texts.join(','));
  if (ids === null) throw new UsageError(`asset ${verb} expects ids, not "all"`);
  const { isActive, done } = VERBS[verb];
  const changed = await withDatabase(values, { talk, isWriting: true }, (database) =>
    database.transaction(async (tx) => {
      const { unknown } = await findUnusableIds(tx, ids);
      if (unknown.length > 0)
        throw new UsageError(`no such asset: ${unknown.join(', ')}; "barwright asset list" shows them`);
      return writeAssetsActive(tx, ids, isActive);
    }),
  );
  for (const id of ids) {
    talk.say(changed.includes(id) ? `[OK] asset ${id} is ${done}` : `[OK] asset ${id} was ${done} already`);
  }
  return 0;
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
    if (value !== undefined && storedName(value) !== value)
      throw new UsageError(
        `${flag} expects one line of at most ${LONGEST_NAME} characters, got ${value.length} characters: "${boundLine(value, 40)}"`,
      );
  }
  const facts = {
    id,
    symbol: values.symbol ?? null,
    name: values.name ?? null,
    assetClass: values.assetClass ?? null,
  };
  const { changed, restored } = await withDatabase(values, { talk, isWriting: true }, (database) =>
    database.transaction(async (tx) => ({
      changed: (await upsertAssets(tx, [facts])) + (await setCurrency(tx, id, values.currency ?? null)),
      restored: await writeAssetsActive(tx, [id], true),
    })),
  );
  if (restored.length > 0) talk.say(`[OK] asset ${id} was retired and is active again`);
  else if (changed > 0) talk.say(`[OK] asset ${id} is registered`);
  else talk.say(`[OK] asset ${id} was registered already, nothing changed`);
  return 0;
}

/** What a person says of the currency stands, whatever a source has said. Returns how many rows changed. */
async function setCurrency(tx: Tx, id: number, code: string | null): Promise<number> {
  const currency = code === null ? null : currencyOfCode(code);
  if (currency === null) return 0;
  return writeAssetQuote(tx, id, { ...(await readAssetQuote(tx, id)), currency: currency.code });
}

async function printAssets(values: OptionValues): Promise<number> {
  const talk = createTalk(values.json ?? false);
  const assets = await withDatabase(values, { talk }, (database) =>
    listAssetStandings(database, configuredExpectations()),
  );
  if (values.json) {
    talk.json({ version: 1, assets });
    return 0;
  }
  for (const asset of assets) {
    const name = [asset.symbol, asset.name].filter((part) => part !== null).join(' · ') || '(no name)';
    const quote = asset.quoteCurrency === null ? '' : `  in ${asset.quoteCurrency}`;
    talk.say(
      `${String(asset.id).padStart(8)}  ${name}  ${asset.assetClass}${quote}${asset.isActive ? '' : '  retired'}`,
    );
    if (asset.calendar !== null) talk.say(`${' '.repeat(10)}calendar ${asset.calendar}`);
    for (const split of asset.splits) talk.say(`${' '.repeat(10)}${formatStanding(split)}`);
    for (const { component, failures, reason } of asset.quarantined)
      talk.say(`${' '.repeat(10)}quarantined in ${component} after ${failures} failed runs: ${reason}`);
  }
  talk.say(countOf(assets.length, 'asset'));
  return 0;
}
