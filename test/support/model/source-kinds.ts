/** Where the prices of a model test come from: one table that is written to, and the ways in which a run may read it. */

/** What a run reads, and the views over the table that it does so by. */
export interface SourceKindOf {
  /** The table that is written to; it has the columns of our own. */
  table: string;
  /** View by name: the select that makes it. */
  views: Readonly<Record<string, string>>;
  /** What the components are given as --source; null: our own table. */
  relation: string | null;
}

const FEED = 'feed_prices';
const PRICES = 'open as o, high as h, low as l, close as c, volume as v';
const COLUMNS = 'open=o high=h low=l close=c volume=v';
const VALUES = { open: 'o', high: 'h', low: 'l', close: 'c', volume: 'v' };

const described = (view: string, day: string, relation: string): SourceKindOf => ({
  table: FEED,
  views: { [view]: `select id as coin, ${day} as t, ${PRICES} from ${FEED}` },
  relation: `${view} id=coin day=t ${relation} ${COLUMNS}`,
});

/** Our own table, whose triggers note every change, and one of its layout without any. */
export const SOURCES = {
  noted: { table: 'cmc_price_histories7', views: {}, relation: null },
  fingerprinted: { table: FEED, views: {}, relation: FEED },
} as const satisfies Record<string, SourceKindOf>;

/** The same rows described: four ways to name a day, and two tables that share the assets. */
export const DESCRIBED_SOURCES = {
  'dates of days': described('by_date', `(timestamp at time zone 'UTC')::date`, 'dated=open'),
  'milliseconds of closings': described(
    'by_ms',
    '(extract(epoch from timestamp) * 1000)::bigint',
    'unit=ms dated=close',
  ),
  'days of New York': described('by_zone', `(timestamp at time zone 'UTC')::date`, 'zone=America/New_York'),
  'openings, with times': {
    table: FEED,
    views: {
      by_open: `select id::bigint as coin, date_trunc('day', timestamp, 'UTC') as t, timeopen, timeclose, timehigh, timelow,
        marketcap as cap, load_ts as loaded, ${PRICES} from ${FEED}`,
    },
    relation:
      'by_open id=coin day=t dated=open timeOpen=timeopen timeClose=timeclose timeHigh=timehigh timeLow=timelow ' +
      `marketCap=cap loadTs=loaded ${COLUMNS}`,
  },
  'two tables': {
    table: FEED,
    views: {
      first_feed: `select id as coin, (timestamp at time zone 'UTC')::date as t, ${PRICES} from ${FEED} where id < 100`,
      second_feed: `select id as coin, timestamp as t, ${PRICES} from ${FEED} where id >= 100`,
    },
    relation: JSON.stringify({
      sources: {
        first: { table: 'first_feed', columns: { id: 'coin', day: 't', ...VALUES } },
        second: { table: 'second_feed', columns: { id: 'coin', day: 't', ...VALUES }, day: 'close' },
      },
      ours: false,
    }),
  },
} as const satisfies Record<string, SourceKindOf>;
