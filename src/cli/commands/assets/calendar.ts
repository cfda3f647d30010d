import { Command } from 'commander';
import { PLAIN_CALENDARS } from '../../../domain/calendar/calendar.js';
import { formatDay, parseDay } from '../../../domain/calendar/day.js';
import { exchangeCalendar, listExchanges } from '../../../domain/calendar/exchanges.js';
import { countOf } from '../../../domain/causes/format.js';
import { UsageError } from '../../../domain/text/errors.js';
import { parseIdList } from '../../../domain/text/ids.js';
import {
  type CalendarStanding,
  readCalendarStandings,
} from '../../../orchestration/lateness/calendar-standings.js';
import { findUnusableIds } from '../../../storage/assets/assets.js';
import {
  deleteExchangeDays,
  listExchangeDays,
  upsertExchangeDays,
  writeCalendar,
} from '../../../storage/calendars/calendars.js';
import type { Database, Tx } from '../../../storage/session/database.js';
import { configuredExpectations } from '../../options/named-sources.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../../options/options.js';
import { createTalk } from '../../output/messages.js';
import type { Act } from '../../running/action.js';
import { withDatabase } from '../../running/with-database.js';

/** `barwright asset calendar IDS [CALENDAR]`: when prices of assets are expected, shown or chosen. */
export function calendarCommand(act: Act): Command {
  const command = new Command('calendar')
    .description('Show or choose when prices of assets are expected.')
    .argument('<ids>', 'CoinMarketCap ids such as 1,52, "all", or "ceased" for those that have ceased')
    .argument(
      '[calendar]',
      'daily, weekdays, none (no new days), learnt, the MIC of an exchange such as XNYS, or default',
    );
  return withOptions(command, [...DATABASE_OPTIONS, 'json']).action(
    (ids: string, calendar: string | undefined, values: OptionValues) =>
      act(runCalendar(ids, calendar, values)),
  );
}

async function runCalendar(
  text: string,
  calendar: string | undefined,
  values: OptionValues,
): Promise<number> {
  const talk = createTalk(values.json ?? false);
  const chosen = calendar === undefined ? undefined : parseCalendar(calendar);
  const isCeased = text.trim().toLowerCase() === 'ceased';
  const asked = isCeased ? null : parseIdList(text);
  const isWriting = chosen !== undefined;
  const { ids, changed, standings } = await withDatabase(values, { talk, isWriting }, async (database) => {
    const expectations = configuredExpectations();
    const standingsOf = (some: readonly number[] | null) =>
      database.read((tx) => readCalendarStandings(tx, some, expectations));
    const ids = isCeased ? listCeased(await standingsOf(null)) : asked;
    const changed = chosen === undefined ? null : await choose(database, ids, chosen);
    return {
      ...{ ids, changed },
      standings: await standingsOf(ids),
    };
  });
  if (isCeased && ids?.length === 0) talk.say('[OK] no asset has ceased');
  if (talk.isJson) talk.json({ version: 1, assets: standings });
  else if (changed === null) for (const standing of standings) talk.say(formatStanding(standing));
  else
    for (const { id, words } of standings)
      talk.say(`[OK] asset ${id}: ${words}${changed.includes(id) ? '' : ' (as before)'}`);
  return 0;
}

function listCeased(standings: readonly CalendarStanding[]): number[] {
  return standings.filter(({ state }) => state === 'ceased').map(({ id }) => id);
}

function formatStanding({ id, symbol, words, saidBy }: CalendarStanding): string {
  // What its source says is in the words already.
  const by = { asset: ' (chosen)', source: '', default: ' (by default)' }[saidBy];
  return `${String(id).padStart(8)}  ${symbol ?? ''}  ${words}${by}`;
}

/** As it is stored; null: what the source or barwright says by itself. Throws UsageError for what is no calendar. */
function parseCalendar(text: string): string | null {
  const plain = text.trim().toLowerCase();
  if (plain === 'default') return null;
  if (PLAIN_CALENDARS.some((name) => name === plain)) return plain;
  const mic = plain.toUpperCase();
  if (exchangeCalendar(mic) !== null) return mic;
  throw new UsageError(
    `asset calendar expects ${PLAIN_CALENDARS.join(', ')}, default, or one of ${listExchanges().join(' ')}; got "${text}"`,
  );
}

/** All of them or none: an unknown id is a usage error that names it. */
async function choose(
  database: Database,
  ids: readonly number[] | null,
  calendar: string | null,
): Promise<number[]> {
  return database.transaction(async (tx: Tx) => {
    const { unknown } = ids === null ? { unknown: [] } : await findUnusableIds(tx, ids);
    if (unknown.length > 0)
      throw new UsageError(`no such asset: ${unknown.join(', ')}; "barwright asset list" shows them`);
    return writeCalendar(tx, ids, calendar);
  });
}

interface HolidayValues extends OptionValues {
  open?: true;
}

/** `barwright asset holiday MIC [DAYS...]`: days that the calendar of an exchange lacks. */
export function holidayCommand(act: Act): Command {
  const command = new Command('holiday')
    .description('Add days to the calendar of an exchange, take them back, or list what was added.')
    .argument('<mic>', 'The exchange, such as XNYS')
    .argument('[days...]', 'Days on which it is closed, such as 2031-01-01')
    .option('--open', 'It is open on these days, though the calendar says that it is not')
    .option('--remove', 'Take these days back');
  return withOptions(command, ['note', ...DATABASE_OPTIONS, 'json']).action(
    (mic: string, days: string[], values: HolidayValues) => act(runHoliday(mic, days, values)),
  );
}

async function runHoliday(text: string, dayTexts: readonly string[], values: HolidayValues): Promise<number> {
  const talk = createTalk(values.json ?? false);
  const mic = text.trim().toUpperCase();
  if (exchangeCalendar(mic) === null)
    throw new UsageError(
      `asset holiday expects an exchange, one of ${listExchanges().join(' ')}; got "${text}"`,
    );
  const days = dayTexts.flatMap((each) => each.split(',')).map((each) => parseDay(each.trim()));
  if (values.remove && values.open)
    throw new UsageError('asset holiday expects --open or --remove, not both');
  if (days.length === 0 && (values.remove || values.open || values.note !== undefined))
    throw new UsageError('asset holiday expects days, such as 2031-01-01');
  const added = await withDatabase(values, { talk, isWriting: days.length > 0 }, (database) =>
    database.transaction(async (tx) => {
      const isOpen = values.open ?? false;
      if (values.remove) await deleteExchangeDays(tx, mic, days);
      else if (days.length > 0)
        await upsertExchangeDays(
          tx,
          days.map((day) => ({ mic, day, isOpen, note: values.note ?? null })),
        );
      return listExchangeDays(tx, mic);
    }),
  );
  if (talk.isJson)
    talk.json({ version: 1, mic, days: added.map((each) => ({ ...each, day: formatDay(each.day) })) });
  else
    for (const { day, isOpen, note } of added)
      talk.say(`${mic} ${formatDay(day)} ${isOpen ? 'open' : 'closed'}${note === null ? '' : ` (${note})`}`);
  talk.say(`${countOf(added.length, 'day')} ${added.length === 1 ? 'was' : 'were'} added to ${mic}`);
  return 0;
}
