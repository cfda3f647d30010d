import { Command, Option } from 'commander';
import { countOf } from '../../../domain/causes/format.js';
import { INDICATOR_SETS, type IndicatorSetName } from '../../../domain/indicators/sets.js';
import { UsageError } from '../../../domain/text/errors.js';
import {
  deleteIndicators,
  type ListedIndicator,
  listIndicators,
  writeIndicators,
} from '../../../storage/indicators/dimension.js';
import { checkIndicator } from '../../../storage/indicators/read-set.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../../options/options.js';
import { createTalk } from '../../output/messages.js';
import type { Act } from '../../running/action.js';
import { withDatabase } from '../../running/with-database.js';

const SETS = Object.keys(INDICATOR_SETS) as IndicatorSetName[];

/** `barwright indicator add | remove | list`: which indicators runs compute. */
export function indicatorCommand(act: Act): Command {
  const command = new Command('indicator').description('Say which indicators runs compute.');
  command.addCommand(addCommand(act));
  command.addCommand(removeCommand(act));
  command.addCommand(listCommand(act));
  return command;
}

function addCommand(act: Act): Command {
  const command = new Command('add')
    .description('Compute these indicators too: the next run builds their history.')
    .argument('[names...]', 'Such as rsi_14 or macd_12_26_9')
    .addOption(new Option('--set <name>', 'A set of indicators').choices(SETS));
  return withOptions(command, DATABASE_OPTIONS).action(
    (names: string[], values: OptionValues & { set?: IndicatorSetName }) => act(addIndicators(names, values)),
  );
}

/** All of them or none: a name that is none is a usage error. */
async function addIndicators(
  typed: readonly string[],
  values: OptionValues & { set?: IndicatorSetName },
): Promise<number> {
  const talk = createTalk(false);
  const names = [...typed, ...(values.set === undefined ? [] : INDICATOR_SETS[values.set])];
  if (names.length === 0) throw new UsageError('indicator add expects names such as rsi_14, or --set common');
  for (const name of names) checkIndicator(name);
  const added = await withDatabase(values, { talk, isWriting: true }, (database) =>
    database.transaction((tx) => writeIndicators(tx, names)),
  );
  for (const name of new Set(names))
    talk.say(`[OK] ${name} ${added.includes(name) ? 'is active' : 'was active already'}`);
  if (added.length > 0)
    talk.say('[INFO] "barwright refresh --all" or "barwright indicators" builds the history');
  return 0;
}

function removeCommand(act: Act): Command {
  const command = new Command('remove')
    .description('No longer compute these indicators: the next run deletes their values.')
    .argument('<names...>', 'Such as rsi_14; "all" for every one');
  return withOptions(command, DATABASE_OPTIONS).action((names: string[], values: OptionValues) =>
    act(removeIndicators(names, values)),
  );
}

async function removeIndicators(typed: readonly string[], values: OptionValues): Promise<number> {
  const talk = createTalk(false);
  const names = await withDatabase(values, { talk, isWriting: true }, (database) =>
    database.transaction(async (tx) => {
      const known = (await listIndicators(tx)).map(({ name }) => name);
      const asked = typed.includes('all') ? known : typed;
      const unknown = asked.find((name) => !known.includes(name));
      if (unknown !== undefined)
        throw new UsageError(
          `no indicator "${unknown}" in dim_indicator; "barwright indicator list" shows them`,
        );
      await deleteIndicators(tx, asked);
      return asked;
    }),
  );
  for (const name of names) talk.say(`[OK] ${name} is removed`);
  if (names.length > 0)
    talk.say('[INFO] "barwright refresh --all" or "barwright indicators" deletes the values');
  return 0;
}

function listCommand(act: Act): Command {
  const command = new Command('list').description(
    'The indicators of dim_indicator, and who has values of them.',
  );
  return withOptions(command, [...DATABASE_OPTIONS, 'json']).action((values: OptionValues) =>
    act(showIndicators(values)),
  );
}

async function showIndicators(values: OptionValues): Promise<number> {
  const talk = createTalk(values.json ?? false);
  const indicators = await withDatabase(values, { talk }, (database) => database.read(listIndicators));
  if (values.json) talk.json({ version: 1, indicators });
  else if (indicators.length === 0)
    talk.say('no indicator is active: type "barwright indicator add rsi_14", or "--set common"');
  else {
    const width = Math.max(...indicators.map(({ name }) => name.length));
    for (const each of indicators) talk.say(`${each.name.padEnd(width)}  ${standingOf(each)}`);
  }
  return 0;
}

function standingOf({ isActive, assets }: ListedIndicator): string {
  const values = `values of ${countOf(assets, 'asset')}`;
  if (isActive) return `active, ${values}`;
  return assets > 0 ? `not active, ${values} until the next run` : 'not active';
}
