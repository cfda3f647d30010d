import { Command } from 'commander';
import { type Day, formatDay, parseDay } from '../../../domain/calendar/day.js';
import { countOf } from '../../../domain/causes/format.js';
import { formatPriceFinding } from '../../../domain/plausibility/finding.js';
import { UsageError } from '../../../domain/text/errors.js';
import { parseId, parseIdList } from '../../../domain/text/ids.js';
import { formatOfAsset } from '../../../orchestration/findings/judge-findings.js';
import { findUnusableIds } from '../../../storage/assets/assets.js';
import { listFindings, type StoredFinding, writeAccepted } from '../../../storage/prices/findings.js';
import type { Tx } from '../../../storage/session/database.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../../options/options.js';
import { createTalk } from '../../output/messages.js';
import type { Act } from '../../running/action.js';
import { withDatabase } from '../../running/with-database.js';

/** What is listed at most: a warehouse with more has one cause for them. */
const MOST_LISTED = 10_000;

interface AcceptValues extends OptionValues {
  day?: string;
  before?: string;
}

/** `barwright asset findings [ID…]`: implausible days that are not accepted. */
export function findingsCommand(act: Act): Command {
  const command = new Command('findings')
    .description('List days that are not plausible: jumps, equal days, volumes of another unit.')
    .argument('[ids...]', 'Asset ids or symbols, such as 1 52 or BTC,XRP (default: all)');
  return withOptions(command, [...DATABASE_OPTIONS, 'json']).action((texts: string[], values: OptionValues) =>
    act(printFindings(texts, values)),
  );
}

/** `barwright asset accept ID --day D | --before D`: somebody has looked, and the days are right. */
export function acceptCommand(act: Act): Command {
  const command = new Command('accept')
    .description('Say that days which are not plausible are right.')
    .argument('<id>', 'Asset id, or symbol')
    .option('--day <day>', 'This day, such as 2024-01-31')
    .option('--before <day>', 'All days before this one');
  return withOptions(command, DATABASE_OPTIONS).action((id: string, values: AcceptValues) =>
    act(acceptFindings(id, values)),
  );
}

async function printFindings(texts: readonly string[], values: OptionValues): Promise<number> {
  const talk = createTalk(values.json ?? false);
  const ids = texts.length === 0 ? null : parseIdList(texts.join(','));
  const findings = await withDatabase(values, { talk }, (database) =>
    database.read(async (tx) => {
      if (ids !== null) await refuseUnknown(tx, ids);
      return listFindings(tx, { ids, isOpenOnly: !values.json, limit: MOST_LISTED });
    }),
  );
  if (values.json) talk.json({ version: 1, findings: findings.map(jsonOf) });
  for (const finding of findings) if (!values.json) talk.say(formatOfAsset(finding));
  if (!values.json) talk.say(`${countOf(findings.length, 'finding')} that are not accepted`);
  return 0;
}

function jsonOf({ day, foundUs, acceptedUs, ...finding }: StoredFinding) {
  const timeOf = (us: number) => new Date(Math.floor(us / 1000)).toISOString();
  return {
    ...finding,
    day: formatDay(day),
    words: formatPriceFinding({ day, ...finding }),
    foundAt: timeOf(foundUs),
    acceptedAt: acceptedUs === null ? null : timeOf(acceptedUs),
  };
}

async function refuseUnknown(tx: Tx, ids: readonly number[]): Promise<void> {
  const { unknown } = await findUnusableIds(tx, ids);
  if (unknown.length > 0)
    throw new UsageError(`no such asset: ${unknown.join(', ')}; "barwright asset list" shows them`);
}

async function acceptFindings(text: string, values: AcceptValues): Promise<number> {
  const id = parseId(text.trim());
  const days = daysOf(values);
  const talk = createTalk(false);
  const accepted = await withDatabase(values, { talk, isWriting: true }, (database) =>
    database.transaction(async (tx) => {
      await refuseUnknown(tx, [id]);
      const found = await writeAccepted(tx, id, days);
      if (found.length === 0) await refuseNothing(tx, id, days);
      return found;
    }),
  );
  for (const finding of accepted) talk.say(`[OK] accepted: ${formatOfAsset(finding)}`);
  return 0;
}

type Days = { on: Day } | { before: Day };

function daysOf({ day, before }: AcceptValues): Days {
  if (day !== undefined && before === undefined) return { on: parseDay(day) };
  if (before !== undefined && day === undefined) return { before: parseDay(before) };
  throw new UsageError(
    'asset accept expects --day or --before, such as "barwright asset accept 1 --day 2024-01-31"',
  );
}

async function refuseNothing(tx: Tx, id: number, days: Days): Promise<never> {
  const open = await listFindings(tx, { ids: [id], isOpenOnly: true, limit: 5 });
  const where = 'on' in days ? `on ${formatDay(days.on)}` : `before ${formatDay(days.before)}`;
  const others = open.map(({ day }) => formatDay(day)).join(', ');
  throw new UsageError(
    `asset ${id} has no open finding ${where}${open.length === 0 ? ', nor on any other day' : `; it has some on ${others}`}`,
  );
}
