/** What a table of prices probably means, by the names and types of its columns and some of its rows. Pure. */
import { DAY_US } from '../calendar/day.js';
import type { ColumnRole, DayUnit } from './description.js';

/** Names that columns of a role are given, best first; compared without case and punctuation. */
const NAMES: Readonly<Record<ColumnRole, readonly string[]>> = {
  id: ['id', 'assetid', 'coinid', 'cmcid', 'instrumentid', 'securityid', 'symbolid', 'tokenid', 'pairid'],
  day: [
    ...[
      'day',
      'date',
      'tradedate',
      'tradingday',
      'pricedate',
      'asof',
      'asofdate',
      'timestamp',
      'ts',
      't',
      'datetime',
    ],
    ...[
      'time',
      'bucket',
      'periodstart',
      'opentime',
      'timeopen',
      'openedat',
      'closetime',
      'timeclose',
      'closedat',
    ],
  ],
  open: ['open', 'o', 'openprice', 'priceopen', 'px_open', 'opening'],
  high: ['high', 'h', 'highprice', 'pricehigh', 'max'],
  low: ['low', 'l', 'lowprice', 'pricelow', 'min'],
  close: ['close', 'c', 'closeprice', 'priceclose', 'closing', 'last', 'price'],
  volume: [
    'volume',
    'vol',
    'v',
    'volumeusd',
    'quotevolume',
    'turnover',
    'volumeto',
    'basevolume',
    'volumefrom',
  ],
  marketCap: ['marketcap', 'mcap', 'cap', 'marketcapusd'],
  timeOpen: ['timeopen', 'opentime', 'openedat', 'opents', 'sessionopen', 'opensat'],
  timeClose: ['timeclose', 'closetime', 'closedat', 'closets', 'sessionclose', 'closesat'],
  timeHigh: ['timehigh', 'hightime', 'highat'],
  timeLow: ['timelow', 'lowtime', 'lowat'],
  loadTs: ['loadts', 'loadedat', 'insertedat', 'ingestedat', 'updatedat', 'createdat', 'fetchedat'],
  name: ['name'],
  sourceFile: ['sourcefile'],
};

const plain = (name: string): string => name.replaceAll(/[^\p{L}\p{N}]/gu, '').toLowerCase();

/** The column of each role by its name; a column has one role. `isSuitable` says whether a column's type can be it. */
export function guessColumns(
  columns: readonly string[],
  isSuitable: (column: string, role: ColumnRole) => boolean,
): Map<ColumnRole, string> {
  const guessed = new Map<ColumnRole, string>();
  const free = new Set(columns);
  for (const [role, names] of Object.entries(NAMES) as [ColumnRole, readonly string[]][]) {
    for (const name of names) {
      const column = [...free].find((each) => plain(each) === plain(name) && isSuitable(each, role));
      if (column === undefined) continue;
      guessed.set(role, column);
      free.delete(column);
      break;
    }
  }
  return guessed;
}

/** What numbers in a day column count, by their size; null: they are no times since 1970. */
export function guessUnit(values: readonly number[]): DayUnit | null {
  const largest = Math.max(0, ...values.map(Math.abs));
  // From 1973 on each unit is a thousand times the one before it.
  if (largest < 100_000_000) return null;
  if (largest < 100_000_000_000) return 's';
  return largest < 100_000_000_000_000 ? 'ms' : 'us';
}

/** Zones that are tried in turn; one that only differs from an earlier one in its name is not there. */
const ZONES = [
  'UTC',
  ...['America/New_York', 'Europe/London', 'Europe/Berlin', 'Asia/Tokyo', 'Asia/Shanghai', 'Asia/Kolkata'],
  ...[
    'America/Chicago',
    'America/Los_Angeles',
    'Asia/Singapore',
    'Australia/Sydney',
    'Asia/Dubai',
    'America/Sao_Paulo',
  ],
];

/**
 * In which zone instants are the beginnings or the ends of days; null: in none that is tried. Midnight is taken for a beginning.
 * `stampsUs` are epoch microseconds.
 */
export function guessDays(stampsUs: readonly number[]): { zone: string; dayEnd: 'open' | 'close' } | null {
  if (stampsUs.length === 0) return null;
  for (const dayEnd of ['open', 'close'] as const) {
    for (const zone of ZONES) {
      const format = new Intl.DateTimeFormat('en-GB', {
        timeZone: zone,
        hour: '2-digit',
        minute: '2-digit',
        hourCycle: 'h23',
      });
      const wanted = dayEnd === 'open' ? '00:00' : '23:59';
      if (stampsUs.every((us) => format.format(us / 1000) === wanted)) return { zone, dayEnd };
    }
  }
  return null;
}

/** Whether opening and closing times are those of trading hours: several hours, and not a day. */
export function isSessionTimes(times: readonly { openUs: number; closeUs: number }[]): boolean {
  return (
    times.length > 0 &&
    times.every(
      ({ openUs, closeUs }) => closeUs - openUs >= DAY_US / 12 && closeUs - openUs < (DAY_US / 24) * 22,
    )
  );
}
