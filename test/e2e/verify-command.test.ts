/** verify and state rebuild as a user types them: words, exit codes, JSON; and hashes that know no place and no time zone. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatDay } from '../../src/domain/calendar/day.js';
import { runCli } from '../support/cli.js';
import { readVersions } from '../support/contents.js';
import { createTestDatabase } from '../support/database.js';
import { SERVERS } from '../support/each-server.js';
import { sharedFile } from '../support/shared.js';
import { allowStateEdits } from '../support/state-edits.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const IDS = [1, 52, 825];
const HASH = 'sha256:[0-9a-f]{64}';

describe('on a warehouse that is up to date', () => {
  let warehouse: Warehouse;
  beforeAll(async () => {
    warehouse = await createWarehouse({}, [{ ids: IDS, days: 60 }]);
    await allowStateEdits(warehouse.database);
    await warehouse.execute(`insert into dim_assets (id, symbol) values (1, 'BTC'), (7, 'NIL')`);
    await expectExit(0, warehouse.run(['refresh', '--all', '--ids', '1,52,825']));
  });
  afterAll(async () => {
    await warehouse?.drop();
  });

  test('says so, asset by asset, with hashes; exit 0, nothing is written', async () => {
    const before = await readVersions(warehouse.database);
    const end = await expectExit(0, warehouse.run(['verify', '--source']));
    const lines = end.stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(new RegExp(`^\\[OK\\] 1 BTC \\d+ bars \\d+ points ${HASH}$`));
    expect(lines[1]).toMatch(/^\[SKIPPED\] 7 NIL: nothing is stored of it$/);
    expect(lines.at(-1)).toMatch(
      new RegExp(
        `^\\[OK\\] 4 assets, \\d+ bars, \\d+ points, equal to a rebuild, nothing stored of 1: 7, [\\d.]+ s ${HASH}$`,
      ),
    );
    expect(await readVersions(warehouse.database)).toEqual(before);
  });

  test('--json is all of stdout; --verbose adds the series', async () => {
    const end = await expectExit(0, warehouse.run(['verify', '--ids', '1', '--json']));
    const report = JSON.parse(end.stdout);
    expect(report).toMatchObject({ version: 1, isEqual: true, sample: null });
    expect(report.assets).toMatchObject([
      { id: 1, symbol: 'BTC', differences: 0, findings: [], error: null },
    ]);
    const loud = await expectExit(0, warehouse.run(['verify', '--ids', '1', '--verbose']));
    for (const { name, sha256 } of report.assets[0].series) {
      expect(loud.stdout).toContain(`    ${name} sha256:${sha256}\n`);
    }
    expect(report.assets[0].series.length).toBeGreaterThan(200);
  });

  test('--sample chooses by a seed that is printed and repeats', async () => {
    const listed = (stdout: string) =>
      [...stdout.matchAll(/^\[(?:OK|SKIPPED)\] (\d+) .*(?:points sha|stored of it)/gm)].map(([, id]) => id);
    const first = await expectExit(0, warehouse.run(['verify', '--sample', '50']));
    expect(listed(first.stdout)).toHaveLength(2);
    const seed = /^\[INFO\] sample: 2 of 4 assets; --seed (\d+) repeats it$/m.exec(first.stdout)?.[1];
    const again = await expectExit(0, warehouse.run(['verify', '--sample', '50', '--seed', seed ?? '']));
    expect(listed(again.stdout)).toEqual(listed(first.stdout));
  });

  test.each([
    [['verify', '--ids', '9'], /no such asset: 9/],
    [['verify', '--sample', '0'], /Percent/],
    [['verify', '--sample', '101'], /Percent/],
    [['verify', '--seed', '1'], /needs --sample/],
    [['verify', '--source', 'a b'], /--source expects/],
    [['state', 'rebuild', '--ids', '9'], /no such asset: 9/],
  ])('%j is a usage error', async (args, message) => {
    const end = await expectExit(2, warehouse.run(args));
    expect(end.stdout).toMatch(message);
  });

  test('a difference is exit 1 with its place; state rebuild repairs states and says what it cannot', async () => {
    await warehouse.execute(`delete from price_bars_state where id = 52 and tf = '7D'`);
    await warehouse.execute(
      `update price_bars set close = close * 1.0000000000000002 where id = 825 and tf = '7D' and bar_seq = 2`,
    );
    const end = await expectExit(1, warehouse.run(['verify']));
    expect(end.stdout).toMatch(/^\[OK\] 1 BTC /m);
    expect(end.stdout).toMatch(
      /^\[FAILED\] 52 .* 1 row differs \(price_bars_state 1\)\n {4}price_bars_state multi_tf 7D \(/m,
    );
    expect(end.stdout).toMatch(
      /price_bars multi_tf 7D bar_seq 2 \(.*\) close: stored [\d.]+, expected [\d.]+\n/,
    );
    expect(end.stdout).toMatch(/^\[FAILED\] 4 assets, .* 2 assets differ/m);

    const dry = await expectExit(1, warehouse.run(['state', 'rebuild', '--dry-run']));
    expect(dry.stdout).toContain('[DRY RUN] 52 would restore price_bars_state 1\n');
    const repaired = await expectExit(1, warehouse.run(['state', 'rebuild']));
    expect(repaired.stdout).toContain('[OK] 1 BTC every state is right\n');
    expect(repaired.stdout).toContain('[OK] 52 restored price_bars_state 1\n');
    expect(repaired.stdout).toMatch(
      /^\[FAILED\] 825 every state is right; 1 of its rows in price_bars .*: "barwright refresh --all --full-rebuild --ids 825"/m,
    );
    await expectExit(0, warehouse.run(['refresh', '--all', '--full-rebuild', '--ids', '825']));
    const json = await expectExit(0, warehouse.run(['state', 'rebuild', '--json']));
    expect(JSON.parse(json.stdout)).toMatchObject({ version: 1, isDryRun: false, heldBy: null });
    await expectExit(0, warehouse.run(['verify', '--source']));
  });

  test('state rebuild waits for nobody: while another run holds the lease it is exit 4', async () => {
    await warehouse.execute(
      `update refresh_lease set token = token + 1, expires = now() + interval '1 minute',
         info = '{"run": "x", "command": "refresh --all", "host": "h", "pid": 1, "startedAt": "now"}'`,
    );
    const end = await expectExit(4, warehouse.run(['state', 'rebuild']));
    expect(end.stdout).toMatch(/\[FAILED\] .*refresh --all.*nothing was restored/);
    await warehouse.execute(`update refresh_lease set expires = '-infinity'`);
  });
});

/** A small file in CoinMarketCap's form: days over a change of the clocks in many places, and a leap day. */
function writeCsv(): string {
  const lines = Array.from({ length: 40 }, (_, index) => {
    const date = formatDay(18_290 + index);
    const open = 100 + ((index * 37) % 23) + 0.1;
    const close = 100 + (((index + 1) * 37) % 23) + 0.1;
    const [high, low] = [Math.max(open, close) + 1 / 3, Math.min(open, close) - 1 / 7];
    const times = ['00:00:00.000', '23:59:59.999', '05:06:07.123', '21:00:00.001'].map(
      (time) => `"${date}T${time}Z"`,
    );
    return [
      ...times,
      '"2781"',
      open,
      high,
      low,
      close,
      index * 1e9 + 0.5,
      1e12,
      `"${date}T23:59:59.999Z"`,
    ].join(';');
  });
  const header = 'timeOpen;timeClose;timeHigh;timeLow;name;open;high;low;close;volume;marketCap;timestamp';
  const file = join(mkdtempSync(join(tmpdir(), 'barwright-zones-')), 'days.csv');
  writeFileSync(file, [header, ...lines.reverse()].join('\n'));
  return file;
}

const ZONES = [
  { zone: 'UTC', settings: ['datestyle = iso'] },
  { zone: 'America/New_York', settings: [`datestyle = 'SQL, DMY'`, 'extra_float_digits = -4'] },
  { zone: 'Asia/Kolkata', settings: [`datestyle = 'German'`, `intervalstyle = 'iso_8601'`] },
  { zone: 'Pacific/Apia', settings: [`datestyle = 'Postgres, MDY'`, `bytea_output = 'escape'`] },
];

test('the same hashes under any time zone, here and at the server, any DateStyle, any server', async () => {
  const file = writeCsv();
  const hashes = await Promise.all(
    ZONES.map(async ({ zone, settings }, index) => {
      const { options } = SERVERS[index % SERVERS.length] ?? { options: {} };
      const { url, database, drop } = await createTestDatabase(options);
      try {
        const name = new URL(url).pathname.slice(1);
        for (const setting of [`timezone = '${zone}'`, ...settings]) {
          await database.transaction((tx) => tx.execute(`alter database ${name} set ${setting}`));
        }
        const env = { TARGET_DB_URL: url, TZ: zone };
        await expectExit(0, runCli(['ingest', file, '--id', '1'], { env }));
        await expectExit(0, runCli(['refresh', '--all', '--staleness-hours', '1000000'], { env }));
        const end = await expectExit(0, runCli(['verify', '--source', '--json'], { env }));
        const report = JSON.parse(end.stdout);
        return { sha256: report.sha256, series: report.assets[0].series, points: report.assets[0].points };
      } finally {
        await drop();
      }
    }),
  );
  expect(hashes[0]?.points).toBeGreaterThan(50);
  for (const other of hashes) expect(other).toEqual(hashes[0]);
});

/** Of the rows that btcusd.csv has made since verify exists. */
const BTC_SHA256 = 'a0c5bbee53bdf1fbdcce986a96baf55be3a377199ee0464d46824686a79dff2c';
const BTC = sharedFile('data/btcusd.csv');

describe.runIf(BTC !== null).each(SERVERS)('BTC on $server', ({ options }) => {
  test('15,384 bars and 21,424 points have the hash that they have always had', async () => {
    const { url, drop } = await createTestDatabase(options);
    try {
      const env = { TARGET_DB_URL: url };
      await expectExit(0, runCli(['ingest', BTC ?? '', '--id', '1'], { env }));
      await expectExit(0, runCli(['refresh', '--all', '--staleness-hours', '1000000'], { env }));
      const end = await expectExit(0, runCli(['verify', '--source'], { env }));
      console.log(end.stdout.trimEnd());
      expect(end.stdout).toContain(` 15384 bars 21424 points sha256:${BTC_SHA256}\n`);
    } finally {
      await drop();
    }
  });
});
