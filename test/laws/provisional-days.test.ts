/** A day counts when it is over and was loaded after that, whatever is loaded when; and then bars are those of a rebuild. */
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { DAY_US } from '../../src/domain/calendar/day.js';
import { execute, runBars, runEmas } from '../support/component-runs.js';
import { runsOf, SEED } from '../support/long.js';
import { listWrong } from '../support/model/checks.js';
import {
  createModelDatabases,
  type ModelDatabases,
  rebuildElsewhere,
} from '../support/model/model-database.js';
import { DESCRIBED_SOURCES, SOURCES } from '../support/model/source-kinds.js';
import { tally } from '../support/tally.js';

const RUNS = runsOf('HISTORIES', 12);
const LIMIT_MS = 60_000 + RUNS * 20_000;
const ID = 52;
const FIRST_DAY = 17_000;
const HOUR_US = 3_600_000_000;
const WAITS_US = 3 * DAY_US;

/** A row that a loader writes: of so many days before this morning (0: of this day), so many hours before the run. */
interface Load {
  age: number;
  hoursAgo: number;
  close: number;
}

interface Morning {
  hour: number;
  loads: Load[];
  isAccepting: boolean;
}

const loads: fc.Arbitrary<Load> = fc.record({
  age: fc.constantFrom(0, 0, 1, 1, 1, 2, 3, 5),
  hoursAgo: fc.integer({ min: 0, max: 30 }),
  close: fc.integer({ min: 10, max: 12 }),
});
const mornings: fc.Arbitrary<Morning[]> = fc.array(
  fc.record({
    hour: fc.integer({ min: 1, max: 23 }),
    loads: fc.array(loads, { maxLength: 3 }),
    isAccepting: fc.constantFrom(false, false, false, false, true),
  }),
  { minLength: 4, maxLength: 12 },
);

interface Row {
  close: number;
  loadUs: number;
}

const endOf = (day: number) => (day + 1) * DAY_US - 1000;

/** The days that count on a morning: those that a run has taken, and what docs/explanation/days.md says of the others. */
function daysThatCount(
  rows: ReadonlyMap<number, Row>,
  { taken, nowUs, isAccepting }: { taken: number; nowUs: number; isAccepting: boolean },
): number[] {
  const isOver = (day: number) => endOf(day) < nowUs;
  const counts = (day: number, { loadUs }: Row) =>
    isAccepting ||
    loadUs > endOf(day) ||
    endOf(day) < nowUs - WAITS_US ||
    [...rows.keys()].some((later) => later > day && isOver(later));
  return [...rows]
    .filter(([day, row]) => day <= taken || (isOver(day) && counts(day, row)))
    .map(([day]) => day)
    .sort((a, b) => a - b);
}

const open: ModelDatabases[] = [];
afterAll(async () => {
  for (const databases of open) await databases.drop();
});

async function begin({ live, source }: ModelDatabases): Promise<void> {
  await execute(
    live,
    `truncate ${source}, cmc_price_bars_1d, price_rejects, cmc_price_bars_1d_state, price_bars, bar_carry,
       ema_points, ema_carry, series_built, price_kept, dim_timeframe, dim_period`,
  );
  await execute(live, 'truncate price_change');
  await execute(
    live,
    `insert into dim_timeframe values ('multi_tf', '3D'), ('cal_iso', '1W_CAL_ISO'), ('v2', '2D')`,
  );
  await execute(live, 'insert into dim_period values (2)');
}

async function load({ live, source }: ModelDatabases, day: number, { close, loadUs }: Row): Promise<void> {
  await execute(
    live,
    `insert into ${source} (id, name, timestamp, timeopen, timeclose, timehigh, timelow, open, high, low, close, volume, load_ts)
     select $1::int, '2781', d + interval '1 day' - interval '1 ms', d, d + interval '1 day' - interval '1 ms', d, d, 11, 13, 9,
       $3::float8, 5, to_timestamp(0) + $4::float8 * interval '1 us'
     from (select to_timestamp(0) + $2::int * interval '1 day' as d) x
     on conflict (id, timestamp) do update set close = excluded.close, load_ts = excluded.load_ts`,
    [ID, day, close, loadUs],
  );
}

const readBars = ({ live }: ModelDatabases) =>
  live.read((tx) =>
    tx.query<[number, number]>(
      `select (timestamp at time zone 'UTC')::date - date '1970-01-01', close from cmc_price_bars_1d order by 1`,
    ),
  );

for (const [what, kind] of [
  ['our own table', SOURCES.noted],
  ['a table that is described', DESCRIBED_SOURCES['openings, with times']],
] as const)
  test(
    `loaded early, late, again or never: the bars are those of the days that count (${what})`,
    async () => {
      const databases = await createModelDatabases(kind);
      open.push(databases);
      const { live, relation: source } = databases;
      let waited = 0;
      await fc.assert(
        fc.asyncProperty(mornings, async (story) => {
          await begin(databases);
          const rows = new Map<number, Row>();
          let taken = Number.NEGATIVE_INFINITY;
          for (const [index, { hour, loads: written, isAccepting }] of story.entries()) {
            const today = FIRST_DAY + index;
            const nowUs = today * DAY_US + hour * HOUR_US;
            for (const { age, hoursAgo, close } of written) {
              const loadUs = Math.max(nowUs - hoursAgo * HOUR_US, rows.get(today - age)?.loadUs ?? 0);
              rows.set(today - age, { close, loadUs });
              await load(databases, today - age, { close, loadUs });
            }
            const options = { source, asOfUs: nowUs, acceptProvisional: isAccepting, acceptDeletions: true };
            const outcome = (await runBars(live, { ids: [ID], ...options })).get(ID);
            expect(outcome?.status, outcome?.reason).not.toBe('failed');
            await runEmas(live, { ids: [ID] });
            const days = daysThatCount(rows, { taken, nowUs, isAccepting });
            expect(await readBars(databases)).toEqual(days.map((day) => [day, rows.get(day)?.close]));
            taken = Math.max(taken, days.at(-1) ?? taken);
            if ([...rows.keys()].some((day) => endOf(day) < nowUs && !days.includes(day))) waited += 1;
          }
          if (rows.size === 0) return;
          // Years later every one of them counts.
          await runBars(live, { ids: [ID], source });
          await runEmas(live, { ids: [ID] });
          expect(await listWrong(live, [ID], { relation: source })).toEqual([]);
          const { stored, rebuilt } = await rebuildElsewhere(databases, [ID]);
          expect(stored).toEqual(rebuilt);
        }),
        { numRuns: RUNS, seed: SEED },
      );
      tally('histories', RUNS);
      expect(waited).toBeGreaterThan(0);
    },
    LIMIT_MS,
  );
