import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createIngestFixture, HEADER, type IngestFixture, line } from '../../../../test/support/ingest.js';
import { UsageError } from '../../../domain/text/errors.js';

let fixture: IngestFixture;

beforeAll(async () => {
  fixture = await createIngestFixture();
});
afterAll(() => fixture.drop());
beforeEach(() => fixture.clear());

describe('the asset of a file', () => {
  const file = 'Newcoin_1_1_2025-2_1_2025_historical_data_coinmarketcap.csv';

  test('that is unknown must be named with --id, and is known by its name from then on', async () => {
    const refused = fixture.ingest([HEADER, line(1)], { file });
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow('"Newcoin" (from the file name "Newcoin_1');
    await expect(fixture.ingest([HEADER, line(1)], { file, id: 40_000 })).resolves.toMatchObject({
      asset: { id: 40_000, name: 'Newcoin', symbol: null },
    });
    await expect(fixture.ingest([HEADER, line(1)], { file })).resolves.toMatchObject({
      asset: { id: 40_000 },
      unchangedRows: 1,
    });
  });

  test('whose file name says nothing must be said with --id', async () => {
    await expect(fixture.ingest([HEADER, line(1)], { file: 'prices.csv' })).rejects.toThrow(
      'say it with --id N',
    );
  });

  test('is looked up in dim_assets before the built-in list', async () => {
    await fixture.database.transaction((tx) =>
      tx.execute(`insert into dim_assets (id, name, symbol, active) values (77, 'bitcoin', 'XBT', false)`),
    );
    const report = await fixture.ingest([HEADER, line(1)]);
    expect(report.asset).toMatchObject({ id: 77, symbol: 'XBT' });
    expect(await fixture.query('select id, name, active from dim_assets')).toEqual([[77, 'bitcoin', false]]);
  });

  test('given by --id keeps what dim_assets says, and a name that is another asset does not become its name', async () => {
    await fixture.ingest([HEADER, line(1)], { id: 555, acceptName: true });
    await fixture.ingest([HEADER, line(1)], { id: 2, acceptName: true });
    expect(await fixture.query('select id, symbol, name from dim_assets order by id')).toEqual([
      [2, 'LTC', 'Litecoin'],
      [555, null, null],
    ]);
  });

  test('must be a number that an id can be', async () => {
    for (const id of [0, -1, 1.5, 2 ** 31]) {
      await expect(fixture.ingest([HEADER, line(1)], { id })).rejects.toThrow(UsageError);
    }
  });
});

test('a price table that is not ours is left alone, and the error says so', async () => {
  const swap = (sql: string) => fixture.database.transaction((tx) => tx.execute(sql));
  await swap(
    'alter table cmc_price_histories7 rename to mine; create view cmc_price_histories7 as select * from mine',
  );
  const refused = fixture.ingest([HEADER, line(1)]);
  await expect(refused).rejects.toThrow(UsageError);
  await expect(refused).rejects.toThrow('cmc_price_histories7 is a view');
  await swap('drop view cmc_price_histories7; alter table mine rename to cmc_price_histories7');
  expect(await fixture.query('select count(*) from dim_assets')).toEqual([[0]]);
});
