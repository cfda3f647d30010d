/** A client whose clock is three days off, or jumps back in the middle: the database's clock decides, the rows are the same. */
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Fingerprints, readContents } from '../support/contents.js';
import { holdTable, waitForWaiter } from '../support/locks.js';
import { note } from '../support/note.js';
import { createWarehouse, expectDays, expectExit, outcomesOf, type Warehouse } from '../support/warehouse.js';

/** Debian's package faketime; preloaded, it gives a program and its children another clock. */
const [library] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1');
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** By the database clock 1 is fresh; the newest price of 52 is 4 days old. */
const SPANS = [
  { ids: [1], days: 30, endsDaysAgo: 1 },
  { ids: [52], days: 30, endsDaysAgo: 4 },
];

async function createLate(): Promise<Warehouse> {
  const warehouse = await createWarehouse({}, SPANS);
  await expectDays(warehouse);
  return warehouse;
}

test('what is recorded of a run is the time of the database', async () => {
  const warehouse = await createWarehouse();
  const { report } = await warehouse.report(['refresh', '--all']);
  const rows = await warehouse.query(
    `select as_of between now() - interval '1 minute' and now(), as_of from refresh_run`,
  );
  expect(rows).toMatchObject([[true, expect.any(Number)]]);
  expect(Date.parse(report.asOf ?? '')).toBe(Math.floor(Number(rows[0]?.[1]) / 1000));
  await warehouse.drop();
});

if (library === undefined) note('[INFO] left out: tests with another clock (no libfaketime here)');
else {
  describe('a client clock that is wrong', () => {
    const folder = mkdtempSync(join(tmpdir(), 'barwright-clock-'));
    let undisturbed: Fingerprints;

    beforeAll(async () => {
      const calm = await createLate();
      undisturbed = await refreshTwice(calm, {});
      await calm.drop();
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    /** Bars alone, then EMAs alone, which go by the freshness of the bars. */
    async function refreshTwice(warehouse: Warehouse, env: Record<string, string>): Promise<Fingerprints> {
      await expectExit(0, warehouse.run(['refresh', '--bars', '--allow-late'], { env }));
      const { code, stderr, report } = await warehouse.report(
        ['refresh', '--emas', '--staleness-hours', '48'],
        {
          env,
        },
      );
      expect(code, stderr).toBe(3);
      expect(outcomesOf(report, 'emas')).toEqual(['1 ok', '52 skipped']);
      expect(stderr).toContain('[WARNING] 1 IDs have stale bars: [52]');
      return readContents(warehouse.database);
    }

    const preload = { LD_PRELOAD: library, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
    const clock = (text: string) => ({ ...preload, FAKETIME: text });

    test.each([
      ['ahead', '+3d', 3 * DAY_MS],
      ['behind', '-3d', -3 * DAY_MS],
    ])(
      'three days %s: fresh and stale by the database clock, the same rows',
      async (_what, text, offsetMs) => {
        const warehouse = await createLate();
        expect(await refreshTwice(warehouse, clock(text))).toEqual(undisturbed);
        const { report } = await warehouse.report(['refresh', '--all'], { env: clock(text) });
        // The clock was really another one, and what is recorded of the run is the database's.
        expect(Math.abs(Date.parse(report.startedAt) - Date.now() - offsetMs)).toBeLessThan(MINUTE_MS);
        expect(Math.abs(Date.parse(report.asOf ?? '') - Date.now())).toBeLessThan(MINUTE_MS);
        await expectExit(0, warehouse.run(['verify', '--source'], { env: clock(text) }));
        await warehouse.drop();
      },
    );

    test('six days back in the middle of a run: it ends well, its lease was never in doubt, the same rows', async () => {
      const warehouse = await createLate();
      const file = join(folder, 'clock');
      writeFileSync(file, '+3d\n');
      const moving = { ...preload, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1' };
      const release = await holdTable(warehouse.database, 'price_bars');
      const running = warehouse.report(['refresh', '--bars', '--allow-late'], { env: moving });
      await waitForWaiter(warehouse.database);
      writeFileSync(file, '-3d\n');
      await release();
      const { code, stderr, report } = await running;
      expect(code, stderr).toBe(0);
      expect(Date.parse(report.startedAt) - Date.now()).toBeGreaterThan(2 * DAY_MS);
      expect(await refreshTwice(warehouse, clock('-3d'))).toEqual(undisturbed);
      await warehouse.drop();
    });
  });
}
