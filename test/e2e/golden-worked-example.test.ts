/** The worked example of semantics.md §6: fourteen days as a file, through real processes, out of the EMA views. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SERVERS } from '../support/each-server.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

/** semantics.md §6: closes, then from day 6 on roll, ema_bar, ema (3D, p = 2) and v2 (H = 6). */
const CLOSES = [10, 11, 12, 11, 13, 14, 13, 15, 16, 18, 17, 19, 20, 18];
const WORKED: readonly (readonly [day: number, roll: boolean, emaBar: number, ema: number, v2: number])[] = [
  [6, false, 13, 13, 11.833333333333334],
  [7, true, 13, 13, 12.166666666666666],
  [8, true, 14.333333333333334, 13.571428571428573, 12.976190476190474],
  [9, false, 15, 14.265306122448981, 13.840136054421768],
  [10, true, 17, 15.332361516034986, 15.028668610301262],
  [11, true, 16.333333333333332, 15.808829654310703, 15.591906150215188],
  [12, false, 17.666666666666668, 16.72059261022193, 16.565647250153706],
  [13, true, 19.22222222222222, 17.657566150158523, 17.546890892966932],
  [14, true, 17.88888888888889, 17.755404392970373, 17.676350637833522],
];

describe.each(SERVERS)('on $server', ({ options }) => {
  let warehouse: Warehouse;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'barwright-worked-'));
    warehouse = await createWarehouse(options);
    const lines = CLOSES.map((close, index) => {
      const day = `2025-01-${String(index + 1).padStart(2, '0')}`;
      const [open, end] = [`${day}T00:00:00.000Z`, `${day}T23:59:59.999Z`];
      return `${open};${end};${end};${open};2781;${close};${close};${close};${close};1;1;${end}`;
    });
    const path = join(folder, 'worked.csv');
    const header = 'timeOpen;timeClose;timeHigh;timeLow;name;open;high;low;close;volume;marketCap;timestamp';
    writeFileSync(path, `${[header, ...lines].join('\n')}\n`);
    await warehouse.execute('insert into dim_period values (2)');
    await expectExit(0, warehouse.run(['ingest', path, '--id', '1']));
    await expectExit(0, warehouse.run(['refresh', '--all', '--ids', '1']));
  });
  afterAll(async () => {
    await warehouse?.drop();
    rmSync(folder, { recursive: true });
  });

  const read = (view: string, columns: string) =>
    warehouse.query<(number | boolean | null)[]>(
      `select extract(day from ts)::int, ${columns} from ${view}
       where id = 1 and tf = '3D' and period = 2 order by ts`,
    );

  test('ema and ema_bar of 3D, p = 2, day by day, to 1e-12', async () => {
    const rows = await read('cmc_ema_multi_tf', 'roll, ema_bar, ema');
    expect(rows.map((row) => row.slice(0, 2))).toEqual(WORKED.map((row) => row.slice(0, 2)));
    for (const [index, [day, roll, emaBar, ema]] of WORKED.entries()) {
      const [, , foundBar, found] = rows[index] ?? [];
      expect(foundBar, `ema_bar of day ${day}`).toBe(emaBar);
      if (!roll) expect(found, `ema of day ${day}`).toBe(ema);
      expect(Math.abs(Number(found) / ema - 1), `ema of day ${day}`).toBeLessThanOrEqual(1e-12);
    }
  });

  test('v2 of 3D, p = 2, day by day, to 1e-12', async () => {
    const rows = await read('cmc_ema_multi_tf_v2', 'roll, ema_bar, ema');
    expect(rows.map((row) => row.slice(0, 3))).toEqual(WORKED.map(([day, roll]) => [day, roll, null]));
    for (const [index, [day, , , , v2]] of WORKED.entries())
      expect(Math.abs(Number(rows[index]?.[3]) / v2 - 1), `day ${day}`).toBeLessThanOrEqual(1e-12);
  });

  test('differences of ema_bar on closing days, NULL on the others', async () => {
    const rows = await read('cmc_ema_multi_tf', 'd1_bar, d2_bar');
    expect(rows).toEqual(
      WORKED.map(([day]) => {
        if (day === 9) return [9, 2, null];
        return day === 12 ? [12, 2.666666666666668, 0.6666666666666679] : [day, null, null];
      }),
    );
  });
});
