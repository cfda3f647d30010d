/** What alerts say of late sources: once, of each that joins, and when it has ended. */
import { expect, test } from 'vitest';
import { ALERTING, textsOf, useAlerting } from '../../support/alerting.js';
import { writePrices } from '../../support/prices.js';
import { expectExit } from '../../support/warehouse.js';

const scene = useAlerting();
const takeDays = (id: number, days: number) =>
  scene.warehouse.execute(
    `delete from cmc_price_histories7 where id = $1 and timestamp > now() - make_interval(days => $2)`,
    [id, days],
  );

test('a late source is sent once, another one that joins is news, and the end is sent', async () => {
  await scene.warehouse.execute('update dim_assets set calendar = null');
  await takeDays(825, 6);
  await expectExit(3, scene.desk.run(ALERTING));
  expect(textsOf(scene.telegram)[0]).toMatch(/source late: no price since \d{4}-\d\d-\d\d/);
  expect(scene.takeHeads()).toHaveLength(1);

  await expectExit(3, scene.desk.run(ALERTING));
  await scene.passHours(13);
  await expectExit(3, scene.desk.run(ALERTING));
  expect(scene.takeHeads()).toEqual([]);

  // The whole feed dies while one asset is late already.
  await takeDays(1, 4);
  await expectExit(3, scene.desk.run(ALERTING));
  expect(scene.takeHeads()).toHaveLength(1);
  await expectExit(0, scene.desk.run([...ALERTING, '--allow-late', '--ids', '1']));
  expect(scene.takeHeads()).toEqual([]);

  await takeDays(1, 100);
  await writePrices(scene.warehouse.database, { ids: [1], days: 40 });
  await expectExit(3, scene.desk.run(ALERTING));
  expect(scene.takeHeads()).toEqual(['barwright PARTLY RECOVERED: refresh --bars']);
  await takeDays(825, 100);
  await writePrices(scene.warehouse.database, { ids: [825], days: 40 });
  await expectExit(0, scene.desk.run(ALERTING));
  expect(scene.takeHeads()).toEqual(['barwright RECOVERED: refresh --bars']);
});
