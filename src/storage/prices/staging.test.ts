import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { UsageError } from '../../domain/text/errors.js';
import type { Tx } from '../session/database.js';
import { checkPricesWritable } from './staging.js';

let fixture: TestDatabase;

beforeAll(async () => {
  fixture = await createTestDatabase();
});
afterAll(() => fixture.drop());

class RollBack extends Error {}

/** The answer of checkPricesWritable after `change`; the transaction is rolled back. */
async function checkAfter(change: (tx: Tx) => Promise<unknown>): Promise<unknown> {
  let answer: unknown = 'writable';
  const work = fixture.database.transaction(async (tx) => {
    await change(tx);
    await checkPricesWritable(tx).catch((error: unknown) => {
      answer = error;
    });
    throw new RollBack();
  });
  await expect(work).rejects.toThrow(RollBack);
  return answer;
}

test('the table that the migrations make may be written', async () => {
  expect(await checkAfter(async () => {})).toBe('writable');
});

const STRANGERS: readonly (readonly [string, string, string])[] = [
  [
    'a view',
    'create view cmc_price_histories7 as select * from mine',
    'is a view, not a table that barwright made',
  ],
  [
    'a materialized view',
    'create materialized view cmc_price_histories7 as select * from mine',
    'is a materialized view, not a table',
  ],
  [
    'a table of the very same structure',
    'create table cmc_price_histories7 (like mine including defaults including indexes)',
    'is not a table that barwright made',
  ],
];

for (const [what, ddl, message] of STRANGERS) {
  test(`${what} named cmc_price_histories7 is somebody's own: a usage error says what it is`, async () => {
    const answer = await checkAfter(async (tx) => {
      await tx.execute('alter table cmc_price_histories7 rename to mine');
      await tx.execute(ddl);
    });
    expect(answer).toBeInstanceOf(UsageError);
    expect(String(answer)).toContain(message);
    expect(String(answer)).toContain('never written');
  });
}

test('without the table, the error names the command that makes it', async () => {
  const answer = await checkAfter((tx) => tx.execute('drop table cmc_price_histories7'));
  expect(answer).toBeInstanceOf(UsageError);
  expect(String(answer)).toContain('run "barwright init" first');
});

test('a database user who may only read gets that as the error', async () => {
  const answer = await checkAfter(async (tx) => {
    await tx.execute('create role price_reader; grant select on cmc_price_histories7 to price_reader');
    await tx.execute('set local role price_reader');
  });
  expect(answer).toBeInstanceOf(UsageError);
  expect(String(answer)).toContain('may not be written by this database user');
});
