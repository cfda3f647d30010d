import { Command } from 'commander';
import { formatDay } from '../../../domain/calendar/day.js';
import { countOf } from '../../../domain/causes/format.js';
import { describeShape } from '../../../domain/prices/span.js';
import { isSourceName } from '../../../domain/source/description.js';
import { UsageError } from '../../../domain/text/errors.js';
import { boundLine } from '../../../domain/text/printable.js';
import type { ReadRow, SourceSummary } from '../../../orchestration/inspect/sources.js';
import { listSources, lookAtTable } from '../../../orchestration/inspect/sources.js';
import { writeConfiguredSource } from '../../config/write-source.js';
import { configuredSourceText } from '../../options/named-sources.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../../options/options.js';
import { createTalk, type Talk } from '../../output/messages.js';
import type { Act } from '../../running/action.js';
import { withDatabase } from '../../running/with-database.js';

interface AddValues extends OptionValues {
  as?: string;
}

/** `barwright source add | list`: tables of prices of one's own. */
export function sourceCommand(act: Act): Command {
  const add = new Command('add')
    .description('Look at a table, propose how it is read, and show five rows as they would be read.')
    .argument('<table>', 'Table or view, such as market.candles; settings like zone=Europe/Berlin may follow')
    .argument(
      '[settings...]',
      'What is known better: id=coin_id day=date dated=close zone=Asia/Tokyo currency=USD',
    )
    .option('--as <name>', 'Name of the source (default: that of the table)');
  const list = new Command('list').description('List the tables that are described, with what they hold.');
  return new Command('source')
    .description('Describe tables of prices of your own.')
    .addCommand(
      withOptions(add, ['yes', ...DATABASE_OPTIONS, 'json']).action(
        (table: string, settings: string[], values: AddValues) => act(addSource(table, settings, values)),
      ),
    )
    .addCommand(
      withOptions(list, [...DATABASE_OPTIONS, 'source', 'json']).action((values: OptionValues) =>
        act(printSources(values)),
      ),
    );
}

async function addSource(table: string, settings: readonly string[], values: AddValues): Promise<number> {
  const talk = createTalk(values.json ?? false);
  if (values.as !== undefined) checkName(values.as, '--as');
  const look = await withDatabase(values, { talk }, (database) =>
    lookAtTable(database, [table, ...settings].join(' ')),
  );
  const name = values.as ?? nameOf(look.relation);
  if (talk.isJson) talk.json({ version: 1, name, ...look });
  else sayLook(talk, name, look);
  if (look.problem !== null) return 1;
  if (!values.yes) {
    if (!talk.isJson) talk.say('nothing was written: --yes adds it to barwright.config.json');
    return 0;
  }
  checkName(name, `the table ${look.relation}`);
  const path = writeConfiguredSource(process.cwd(), name, look.description);
  talk.say(`[OK] ${path}: the source "${name}" is described; "barwright refresh --all" reads it`);
  return 0;
}

/** The file that is written must be one that can be read. */
function checkName(name: string, place: string): void {
  if (!isSourceName(name))
    throw new UsageError(
      `${place}: a name of at most 63 letters, digits, ".", "_" and "-" was expected for the source, found "${boundLine(name, 80)}"; --as NAME gives another one`,
    );
}

function nameOf(relation: string): string {
  return (
    relation
      .replaceAll(/[^\p{L}\p{N}_.-]/gu, '')
      .split('.')
      .at(-1) || 'prices'
  );
}

type Look = Awaited<ReturnType<typeof lookAtTable>>;

function sayLook(talk: Talk, name: string, { description, notes, shape, rows, problem }: Look): void {
  talk.say('"sources" of barwright.config.json:');
  talk.say(JSON.stringify({ sources: { [name]: description } }, null, 2));
  for (const note of notes) talk.say(`[WARNING] ${note}`);
  if (shape !== null) talk.say(`[WARNING] a row is not a day: it looks like ${describeShape(shape)}`);
  for (const row of rows) talk.say(formatRow(row));
  if (problem !== null) talk.say(`[FAILED] ${problem}`);
}

function formatRow({
  id,
  day,
  open,
  high,
  low,
  close,
  volume,
  timeOpen,
  timeClose,
  verdict,
}: ReadRow): string {
  const prices = `open ${open}, high ${high}, low ${low}, close ${close}, volume ${volume ?? 'none'}`;
  return `  id ${id}, ${formatDay(day)}: ${prices}; ${timeOpen ?? 'no time'} to ${timeClose ?? 'no time'}${verdict === null ? '' : `; refused: ${verdict}`}`;
}

async function printSources(values: OptionValues): Promise<number> {
  const talk = createTalk(values.json ?? false);
  const text = values.source ?? configuredSourceText();
  const sources = await withDatabase(values, { talk }, (database) => listSources(database, text));
  if (talk.isJson) talk.json({ version: 1, sources });
  else for (const source of sources) talk.say(formatSummary(source));
  return 0;
}

function formatSummary({ name, relation, how, assets, firstDay, lastDay }: SourceSummary): string {
  const span =
    firstDay === null || lastDay === null ? 'no rows' : `${formatDay(firstDay)} to ${formatDay(lastDay)}`;
  return `${name}: ${relation}, ${how}; ${countOf(assets, 'asset')}, ${span}`;
}

/** A name of a source that a person has typed. Throws UsageError for one that is not there. */
export function checkSourceName(name: string, known: readonly string[]): string {
  if (known.includes(name)) return name;
  throw new UsageError(
    `there is no source "${name}"; there are ${known.map((each) => `"${each}"`).join(', ')}`,
  );
}
