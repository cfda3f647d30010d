import { Command } from 'commander';
import { formatDay } from '../../../domain/calendar/day.js';
import { formatRatio, type SplitStanding } from '../../../domain/prices/split.js';
import { UsageError } from '../../../domain/text/errors.js';
import { parseId } from '../../../domain/text/ids.js';
import { readAssetSplits } from '../../../orchestration/inspect/list-splits.js';
import { findUnusableIds } from '../../../storage/assets/assets.js';
import { deleteSplit, type RecordedSplit, upsertSplit } from '../../../storage/assets/splits.js';
import type { Tx } from '../../../storage/session/database.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../../options/options.js';
import { createTalk, type Talk } from '../../output/messages.js';
import type { Act } from '../../running/action.js';
import { withDatabase } from '../../running/with-database.js';

/** `barwright asset split ID`: records a split or redenomination, takes one back, or lists them. */
export function splitCommand(act: Act): Command {
  const command = new Command('split')
    .description('Record that an asset was split or redenominated, take that back, or list what is recorded.')
    .argument('<id>', 'CoinMarketCap id, or symbol');
  return withOptions(command, [
    ...(['on', 'ratio', 'volumeInUnits', 'note', 'remove'] as const),
    ...DATABASE_OPTIONS,
    'json',
  ]).action((id: string, values: OptionValues) => act(runSplit(id, values)));
}

async function runSplit(text: string, values: OptionValues): Promise<number> {
  const talk = createTalk(values.json ?? false);
  const id = parseId(text.trim());
  const change = readChange(id, values);
  const splits = await withDatabase(values, { talk, isWriting: change !== null }, async (database) => {
    const done = await database.transaction((tx) => writeChange(tx, id, change));
    if (done !== null && !talk.isJson) talk.say(done);
    return readAssetSplits(database, id);
  });
  if (talk.isJson) talk.json({ version: 1, id, splits });
  else if (change === null) sayStandings(id, splits, talk);
  return 0;
}

type Change = { kind: 'record'; split: RecordedSplit } | { kind: 'remove'; day: number };

/** What was typed; null: only to be listed. Throws UsageError where flags do not go together. */
function readChange(id: number, { on, ratio, volumeInUnits, note, remove }: OptionValues): Change | null {
  const isAbout = ratio !== undefined || volumeInUnits !== undefined || note !== undefined;
  if (on === undefined) {
    if (isAbout || remove)
      throw new UsageError('asset split expects --on DAY, the first day whose prices are of the new unit');
    return null;
  }
  if (remove) {
    if (isAbout) throw new UsageError('asset split expects --remove with --on DAY alone');
    return { kind: 'remove', day: on };
  }
  if (ratio === undefined)
    throw new UsageError(
      'asset split expects --ratio NEW:OLD beside --on, such as 4:1, or --remove to take the split of that day back',
    );
  if (note?.trim() === '') throw new UsageError('--note expects a text, got an empty one');
  const split = { id, day: on, ...ratio, isVolumeInUnits: volumeInUnits ?? false, note: note ?? null };
  return { kind: 'record', split };
}

const NEXT = 'the next refresh';

/** Writes the table and nothing else; returns what to say. */
async function writeChange(tx: Tx, id: number, change: Change | null): Promise<string | null> {
  const { unknown, retired } = await findUnusableIds(tx, [id]);
  if (unknown.length > 0) throw new UsageError(`no such asset: ${id}; "barwright asset list" shows them`);
  if (change === null) return null;
  if (retired.length > 0)
    throw new UsageError(`asset ${id} is retired: "barwright asset restore ${id}" brings it back first`);
  if (change.kind === 'record') {
    const { split } = change;
    const text = `split ${formatRatio(split)} on ${formatDay(split.day)}`;
    if ((await upsertSplit(tx, split)) === 0) return `[OK] asset ${id}: ${text} was recorded already`;
    return `[OK] asset ${id}: ${text} is recorded; ${NEXT} builds its bars and EMAs with it once the source has a day from then on`;
  }
  const day = formatDay(change.day);
  if ((await deleteSplit(tx, { id, day: change.day })) === 0)
    throw new UsageError(`asset ${id} has no split on ${day}; "barwright asset split ${id}" lists them`);
  return `[OK] asset ${id}: the split on ${day} is taken back; ${NEXT} builds its bars and EMAs without it`;
}

function sayStandings(id: number, splits: readonly SplitStanding[], talk: Talk): void {
  if (splits.length === 0) talk.say(`asset ${id} has no splits`);
  for (const split of splits) talk.say(formatStanding(split));
}

const WORDS: Readonly<Record<SplitStanding['standing'], string>> = {
  applied: 'its bars are built with it',
  waiting: `${NEXT} builds its bars with it`,
  announced: 'it counts once the source has come to its day',
  'taken back': `${NEXT} builds its bars without it`,
};

/** One line about a split. */
export function formatStanding({ split, note, standing }: SplitStanding): string {
  return `split ${split}${note === null ? '' : ` (${note})`}: ${WORDS[standing]}`;
}
