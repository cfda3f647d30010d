/** The lease under fire: dead holders, runs that are stopped, several refreshes at once. */
import { beforeEach, describe, expect, test } from 'vitest';
import { type Fingerprints, readContents, readVersions } from '../support/contents.js';
import { SERVERS } from '../support/each-server.js';
import { holdTable, waitForSilence, waitForWaiter } from '../support/locks.js';
import { writePrices } from '../support/prices.js';
import { isAlive, listDescendants, waitFor } from '../support/processes.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const IDS = [1, 2, 3];
const DAYS = 6;
const REPEATS = 3;

let warehouse: Warehouse;

const readRuns = () =>
  // Those that found the lease taken have rows as well.
  warehouse.query<[string, number | null]>(
    `select status, exit_code from refresh_run where status <> 'refused' order by started_at`,
  );

/** Starts a run and waits until its child waits in the middle of a transaction. */
async function startAndHold(
  args: readonly string[],
  held: Parameters<typeof holdTable> = [warehouse.database, 'price_bars'],
) {
  const release = await holdTable(...held);
  let pid = 0;
  const running = warehouse.run(args, {
    timeoutMs: 110_000,
    onStart: (started) => {
      pid = started;
    },
  });
  await waitForWaiter(warehouse.database);
  return { pid, running, release };
}

/** What a database has in which nothing was ever disturbed. */
async function buildUndisturbed(spans: readonly Parameters<typeof writePrices>[1][]): Promise<Fingerprints> {
  const calm = await createWarehouse({}, spans);
  await expectExit(0, calm.run(['refresh', '--all']));
  const contents = await readContents(calm.database);
  await calm.drop();
  return contents;
}

describe.each(SERVERS)('on $server', ({ options }) => {
  beforeEach(async () => {
    warehouse = await createWarehouse(options, [{ ids: IDS, days: DAYS }]);
    return () => warehouse.drop();
  });

  test('a holder that was killed is overtaken at once, and its row is closed as died', async () => {
    const { pid, running, release } = await startAndHold(['refresh', '--all']);
    process.kill(pid, 'SIGKILL');
    await running;
    await release();
    const leases = await warehouse.query(
      `select expires > clock_timestamp() + interval '10 s' from refresh_lease`,
    );
    expect(leases).toEqual([[true]]);
    const { code, stderr, report } = await warehouse.report(['refresh', '--bars']);
    expect(code, stderr).toBe(0);
    expect(report.causes.map(({ sentence }) => sentence)).toEqual([
      expect.stringMatching(
        new RegExp(
          `^run \\w{8} \\(refresh --all on .*, process ${pid}\\) had died silently; "barwright runs \\w{8}"`,
        ),
      ),
    ]);
    const rows = await warehouse.query(
      `select d.status, d.exit_code, d.finished_at >= d.started_at, b.status
       from refresh_run d join refresh_run b on b.run = d.closed_by`,
    );
    expect(rows).toEqual([['died', null, true, 'ok']]);
  });

  test('a holder of another machine, or of another start of this one, is waited for', async () => {
    const { pid, running, release } = await startAndHold(['refresh', '--all']);
    process.kill(pid, 'SIGKILL');
    await running;
    await release();
    const original = await warehouse.query<[string]>('select info::text from refresh_lease');
    const changes = [
      `'{"host": "elsewhere"}'`,
      `jsonb_build_object('process', info -> 'process' || '{"bootId": "another"}')`,
      `jsonb_build_object('process', info -> 'process' || '{"pidSpace": "pid:[1]"}')`,
      `jsonb_build_object('process', info -> 'process' || '{"startTicks": null}')`,
    ];
    for (const change of changes) {
      await warehouse.execute(`update refresh_lease set info = info || ${change}`);
      await expectExit(4, warehouse.run(['refresh', '--all']));
      await warehouse.execute('update refresh_lease set info = $1::jsonb', [original[0]?.[0]]);
    }
    expect(await readRuns()).toEqual([['running', null]]);
    await expectExit(0, warehouse.run(['refresh', '--bars']));
  });

  test('its process id was given to another process: dead all the same', async () => {
    const { pid, running, release } = await startAndHold(['refresh', '--all']);
    process.kill(pid, 'SIGKILL');
    await running;
    await release();
    await warehouse.execute(`update refresh_lease set info = info || '{"pid": ${process.pid}}'`);
    await expectExit(0, warehouse.run(['refresh', '--bars']));
  });
});

describe('a run that is stopped past its lease', () => {
  beforeEach(async () => {
    warehouse = await createWarehouse({}, [{ ids: IDS, days: DAYS }]);
    return () => warehouse.drop();
  });

  test('its writes are refused when it continues, and it ends with a clear word', async () => {
    const held: Parameters<typeof holdTable> = [warehouse.database, 'dim_timeframe', 'access exclusive'];
    const { pid, running, release } = await startAndHold(['refresh', '--bars', '--json'], held);
    process.kill(pid, 'SIGSTOP');
    // It is alive: nobody takes its lease before it has run out.
    await expectExit(4, warehouse.run(['refresh', '--all']));
    await warehouse.execute(`update refresh_lease set expires = clock_timestamp() - interval '1 s'`);
    await release();
    await expectExit(0, warehouse.run(['refresh', '--all']));
    const built = await readVersions(warehouse.database);
    process.kill(pid, 'SIGCONT');
    const { stdout, stderr } = await expectExit(1, running);
    const report = JSON.parse(stdout);
    // It learns it from the fence in its first write transaction, or where a heartbeat was due, from that.
    expect(report.error ?? report.components[0].errorMessage).toMatch(
      /^(bars: )?the lease "refresh" \(token \d+\) was lost: another run has taken over/,
    );
    expect(stderr).toMatch(/\[FAILED\] .*the lease .*was lost/);
    await waitForSilence(warehouse.database);
    expect(await readVersions(warehouse.database)).toEqual(built);
    // The other one had closed its row as died; its own word counts, since it came to it.
    expect(await readRuns()).toEqual([
      ['failed', 1],
      ['ok', 0],
    ]);
  });
});

describe('several refreshes at once', () => {
  beforeEach(async () => {
    warehouse = await createWarehouse({}, [{ ids: IDS, days: DAYS, endsDaysAgo: 1 + REPEATS }]);
    return () => warehouse.drop();
  });

  test.each([2, 5])(
    '%i of them: exactly one works, the others end with 4 and the name of the one that does',
    async (count) => {
      const spans = [{ ids: IDS, days: DAYS, endsDaysAgo: 1 + REPEATS }];
      for (let repeat = 0; repeat < REPEATS; repeat += 1) {
        const span = { ids: IDS, days: 1, endsDaysAgo: REPEATS - repeat };
        await writePrices(warehouse.database, span);
        spans.push(span);
        // The one who comes first is stopped until the last has been refused.
        const release = await holdTable(warehouse.database, 'cmc_price_bars_1d');
        const ends = Array.from({ length: count }, () =>
          warehouse.report(['refresh', '--all'], { timeoutMs: 110_000 }),
        );
        let refused = 0;
        for (const end of ends) end.then(({ code }) => (refused += code === 4 ? 1 : 0));
        await waitFor('all others to be refused', () => (refused === count - 1 ? true : null));
        await release();
        const done = await Promise.all(ends);
        const [winner] = done.filter(({ code }) => code === 0);
        expect(done.map(({ code }) => code).sort()).toEqual([0, ...Array(count - 1).fill(4)]);
        for (const { code, report } of done) {
          if (code !== 4) continue;
          expect(report.heldBy?.run).toBe(winner?.report.run);
          expect(report.verdict).toBe('REFUSED: another run holds the lease');
        }
        expect((await readRuns()).length).toBe(repeat + 1);
      }
      expect(new Set((await readRuns()).map(([status]) => status))).toEqual(new Set(['ok']));
      expect(await readContents(warehouse.database)).toEqual(await buildUndisturbed(spans));
    },
  );

  test('five at the moment when a holder has died: one takes over, nothing is written twice', async () => {
    const { pid, running, release } = await startAndHold(['refresh', '--all']);
    const children = listDescendants(pid);
    process.kill(pid, 'SIGKILL');
    await running;
    await waitFor('the end of its child', () => (children.some(isAlive) ? null : true));
    await release();
    const done = await Promise.all(
      Array.from({ length: 5 }, () => warehouse.run(['refresh', '--all'], { timeoutMs: 110_000 })),
    );
    const codes = done.map(({ code }) => code);
    // Those who come when the first has already finished find nothing to do.
    expect(codes.every((code) => code === 0 || code === 4)).toBe(true);
    expect(codes).toContain(0);
    const runs = await readRuns();
    expect(runs[0]).toEqual(['died', null]);
    expect(runs.slice(1).every(([status]) => status === 'ok')).toBe(true);
    const spans = [{ ids: IDS, days: DAYS, endsDaysAgo: 1 + REPEATS }];
    expect(await readContents(warehouse.database)).toEqual(await buildUndisturbed(spans));
  });
});
