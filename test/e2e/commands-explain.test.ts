/** plan, explain and status: what would happen to an asset, why it stands where it stands, and what would repair it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Explanation } from '../../src/orchestration/inspect/explanation.js';
import { upsertLease } from '../../src/storage/lease/lease.js';
import { readEverything } from '../support/contents.js';
import { writePrices } from '../support/prices.js';
import { createWarehouse, expectDays, expectExit, type Warehouse } from '../support/warehouse.js';

let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createWarehouse({}, [
    { ids: [1], days: 60, endsDaysAgo: 2 },
    { ids: [52], days: 60, endsDaysAgo: 6 },
  ]);
  await expectDays(warehouse);
  await warehouse.execute('delete from dim_timeframe where tf_days > 30');
});
afterAll(() => warehouse?.drop());

const dayAgo = (daysAgo: number) => new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10);
const at = (daysAgo: number, id = 52) => `id = ${id} and timestamp::date = '${dayAgo(daysAgo)}'`;

async function explain(id: number, ...args: string[]): Promise<Explanation> {
  const { stdout } = await expectExit(0, warehouse.run(['explain', String(id), '--json', ...args]));
  return JSON.parse(stdout) as Explanation;
}

/** What people read, as one text. */
async function tell(id: number): Promise<string> {
  return (await expectExit(0, warehouse.run(['explain', String(id)]))).stdout;
}

test('before the first run: not registered, and the first build would repair it; an unknown id is a usage error', async () => {
  const before = await readEverything(warehouse.database);
  const asset = await explain(52);
  expect(asset).toMatchObject({
    standing: 'unregistered',
    source: { relation: 'public.cmc_price_histories7', isTracked: true, rows: 60 },
    waitingRows: 60,
    lagDays: null,
    freshness: { reason: 'no_state', lastSrcTs: null },
    dailyBars: null,
    lastRun: null,
    gate: { alone: { passes: false, reason: 'no bars yet (no_state)' }, all: { passes: true } },
    remedy: { command: 'barwright refresh --all --ids 52' },
  });
  expect(asset.gate.all.reason).toMatch(/^the source is late \(1\d\d\.\d h\), the bars are level with it$/);
  const unknown = await expectExit(2, warehouse.run(['explain', '77']));
  expect(unknown.stdout).toBe('');
  expect(unknown.stderr).toMatch(
    /^no such asset: 77 is neither in dim_assets nor in public.cmc_price_histories7;/,
  );
  for (const text of ['x', '0', '1,52', 'all']) await expectExit(2, warehouse.run(['explain', text]));
  expect(await readEverything(warehouse.database)).toEqual(before);
});

test('plan says what a refresh would do, for what it is asked for, and writes nothing', async () => {
  const before = await readEverything(warehouse.database);
  const plan = async (...args: string[]) => {
    const { stdout } = await expectExit(0, warehouse.run(['plan', '--json', ...args]));
    return JSON.parse(stdout).plan as unknown[];
  };
  expect((await expectExit(0, warehouse.run(['plan']))).stdout).toMatch(
    /^bars: 2 rebuild\n +1 +rebuild +first build: 60 days .*\n +52 .*\nemas: 2 rebuild\n +1 +rebuild +follows its bars\n/,
  );
  expect(await plan('--bars', '--ids', '77,1')).toEqual([
    { component: 'bars', id: 77, action: 'skip', reason: expect.stringMatching(/^unknown id/), fails: true },
    { component: 'bars', id: 1, action: 'rebuild', reason: expect.stringMatching(/^first build/) },
  ]);
  expect(await plan('--emas', '--ids', '1')).toEqual([
    { component: 'emas', id: 1, action: 'skip', reason: 'no bars yet (no_state)' },
  ]);
  expect((await warehouse.run(['plan', '--tfs', '8D'])).code).toBe(2);
  expect(await readEverything(warehouse.database)).toEqual(before);
});

test('level with a late source: nothing to do, and where newer prices go', async () => {
  await warehouse.execute(`update cmc_price_histories7 set close = null where ${at(20)}`);
  await warehouse.execute(
    `update cmc_price_histories7 set timehigh = timestamp + interval '1 day' where ${at(30)}`,
  );
  await warehouse.execute(`delete from cmc_price_histories7 where ${at(40)} or ${at(41)}`);
  await writePrices(warehouse.database, { ids: [52], days: 2, endsDaysAgo: -3 });
  await expectExit(3, warehouse.run(['refresh', '--all']));
  const asset = await explain(52);
  expect(asset).toMatchObject({
    standing: 'active',
    source: { future: { rows: 2, newestTs: expect.stringMatching(new RegExp(`^${dayAgo(-3)}`)) } },
    waitingRows: 0,
    lagDays: 0,
    freshness: { reason: 'stale', limitHours: 48 },
    splits: [],
    dailyBars: { firstDay: dayAgo(65), lastDay: dayAgo(6), bars: 57 },
    bars: { watermark: dayAgo(6), laggingSeries: 0 },
    emas: { watermark: dayAgo(6), laggingSeries: 0 },
    lastRun: { command: 'refresh --all', status: 'skipped', exitCode: 3 },
    gaps: {
      count: 2,
      days: 3,
      newest: [
        { firstDay: dayAgo(20), lastDay: dayAgo(20), refusedRows: 1 },
        { firstDay: dayAgo(41), lastDay: dayAgo(40), refusedRows: 0 },
      ],
    },
    plan: { bars: { action: 'none' }, emas: { action: 'none' } },
    gate: { alone: { passes: false }, all: { passes: true } },
    remedy: { command: 'barwright ingest FILE --id 52' },
  });
  expect(asset.lastWork.map(({ component, status, action }) => [component, status, action])).toEqual([
    ['bars', 'ok', 'rebuild'],
    ['emas', 'ok', 'rebuild'],
  ]);
  expect(asset.rejects.counts).toContainEqual({ action: 'rejected', reason: 'null_open_close', count: 1 });
  expect(asset.rejects.counts).toContainEqual({ action: 'repaired', reason: 'repaired_timehigh', count: 1 });
  // A typed limit binds EMAs alone; after bars it only names what is late.
  expect(await explain(52, '--staleness-hours', '24')).toMatchObject({
    freshness: { reason: 'stale', limitHours: 24 },
    gate: {
      alone: { passes: false, reason: expect.stringMatching(/^stale, last price /) },
      all: {
        passes: true,
        reason: expect.stringMatching(/^the source is late \(.*\), the bars are level with it$/),
      },
    },
  });
  expect((await explain(52, '--staleness-hours', '1000')).gate.alone.passes).toBe(true);
  const text = await tell(52);
  expect(text).toMatch(/gaps +3 days without a bar, newest first: \S+ \(1 row refused\), \S+ to \S+\n/);
  expect(text).toMatch(new RegExp(`rejected +null_open_close: 1, newest ${dayAgo(20)}\\n`));
  expect(text).toMatch(new RegExp(`repaired +repaired_timehigh: 1, newest ${dayAgo(30)}\\n`));
  expect(text).toMatch(
    /nothing to do: level with its source, which is late; load newer prices: barwright ingest FILE --id 52\n$/,
  );
  expect(await tell(1)).toMatch(/\nnothing to do: level with its source\n$/);
});

test('a noted correction, then EMAs that wait for their repair, then series that lag: each with its command', async () => {
  await warehouse.execute(`update cmc_price_histories7 set close = close * 1.01 where ${at(30, 1)}`);
  const noted = await explain(1);
  expect(noted.notes).toMatchObject({
    count: 1,
    newest: [{ op: 'U', from: dayAgo(30), to: dayAgo(30), rows: 1 }],
  });
  expect(noted.plan.bars).toEqual({
    action: 'repair',
    reason: `repair from ${dayAgo(30)} (1 day corrected)`,
  });
  expect(noted.remedy).toEqual({ text: 'bars are behind', command: 'barwright refresh --all --ids 1' });

  await expectExit(0, warehouse.run(['refresh', '--bars', '--ids', '1']));
  const waiting = await explain(1);
  expect(waiting.notes.count).toBe(0);
  expect(waiting.emas.alignments).toContainEqual(
    expect.objectContaining({ alignment: 'multi_tf', day: dayAgo(31), repairFrom: dayAgo(30) }),
  );
  expect(waiting.remedy).toEqual({ text: 'EMAs are behind', command: 'barwright refresh --emas --ids 1' });
  expect(await tell(1)).toMatch(/EMAs +multi_tf +up to \S+, waits for repair from \S+\n/);
  const status = await expectExit(0, warehouse.run(['status', '--ids', '1']));
  expect(status.stdout).toContain(`fresh; EMAs wait for repair from ${dayAgo(30)}\n`);
  expect(status.stdout).toMatch(/^1 asset: 1 waiting\n/);

  await expectExit(0, warehouse.run(['refresh', '--emas', '--ids', '1']));
  await writePrices(warehouse.database, { ids: [1], days: 1 });
  await expectExit(0, warehouse.run(['refresh', '--all', '--ids', '1', '--tfs', '7D,1W_CAL_ISO']));
  const lagging = await explain(1);
  expect(lagging.bars.laggingSeries).toBeGreaterThan(10);
  expect(lagging.bars.lagging).toHaveLength(10);
  expect(lagging.bars.lagging[0]).toEqual({ alignment: 'multi_tf', tf: '2D', day: dayAgo(2) });
  expect(lagging.emas.laggingSeries).toBeGreaterThan(10);
  expect(lagging.remedy.command).toBe('barwright refresh --all --ids 1');
  expect(await tell(1)).toMatch(/lagging: multi_tf 2D \(\d{4}-\d\d-\d\d\), multi_tf 3D .* and \d+ more\n/);
  const { stdout } = await expectExit(0, warehouse.run(['status', '--json', '--ids', '1']));
  expect(JSON.parse(stdout).assets[0].verdict).toMatch(/^fresh; \d+ bar series lag; \d+ EMA series lag$/);
  await expectExit(0, warehouse.run(['refresh', '--all', '--ids', '1']));
  expect(await tell(1)).toMatch(/\nnothing to do: level with its source\n$/);
});

test('indicators: what a run would do with them, and the command; a name that is none is a reason', async () => {
  expect((await explain(1)).plan.indicators).toBeNull();
  expect(await tell(1)).not.toContain('indicators:');
  await expectExit(0, warehouse.run(['indicator', 'add', 'rsi_14']));
  expect(await explain(1)).toMatchObject({
    plan: { indicators: { action: 'rebuild', reason: expect.stringMatching(/^first build: up to /) } },
    remedy: {
      text: 'indicators are behind',
      command: expect.stringMatching(/^barwright refresh --(all|indicators) --ids 1$/),
    },
  });
  expect(await tell(1)).toMatch(/\n +indicators: first build: up to /);
  await expectExit(0, warehouse.run(['indicators', '--ids', '1']));
  expect((await explain(1)).plan.indicators).toMatchObject({ action: 'none' });
  await warehouse.execute(`insert into dim_indicator values ('nothing_14')`);
  expect((await explain(1)).plan.indicators).toMatchObject({
    action: 'skip',
    reason: expect.stringContaining('there is no indicator "nothing_14"'),
  });
  await warehouse.execute('delete from dim_indicator');
  await expectExit(0, warehouse.run(['indicators', '--ids', '1']));
  expect((await explain(1)).plan.indicators).toBeNull();
});

test('a run that failed, a lease that is held, days that vanished, a retired asset: each says so', async () => {
  await warehouse.execute(
    `delete from cmc_price_histories7 where id = 52 and timestamp < '${dayAgo(20)}'::timestamptz
       and timestamp > (select min(timestamp) from cmc_price_histories7 where id = 52)`,
  );
  expect((await warehouse.run(['refresh', '--all', '--ids', '52'])).code).toBe(1);
  const info = {
    run: crypto.randomUUID(),
    command: 'refresh --all',
    host: 'h',
    pid: 7,
    startedAt: '2025-01-01T00:00:00Z',
  };
  await upsertLease(warehouse.database, info);
  const blocked = await explain(52, '--schema', 'public');
  expect(blocked.lastWork[0]).toMatchObject({
    component: 'bars',
    status: 'failed',
    error: expect.stringMatching(/vanished/),
  });
  expect(blocked.gate.all).toMatchObject({ passes: false, reason: expect.stringMatching(/^bars failed: /) });
  expect(blocked.lease).toEqual(info);
  expect(blocked.remedy.command).toBe('barwright refresh --all --accept-deletions --ids 52');
  expect(await tell(52)).toMatch(/lease +another run holds the lease: refresh --all on h, process 7,/);
  await warehouse.execute(`update refresh_lease set expires = '-infinity'`);

  await expectExit(0, warehouse.run(['asset', 'retire', '52']));
  const retired = await explain(52);
  expect(retired).toMatchObject({
    standing: 'retired',
    lease: null,
    remedy: { command: 'barwright asset restore 52' },
  });
  expect(retired.gate.all.reason).toMatch(/^retired/);
});
