import { expect, test } from 'vitest';
import { bookWrites, startTally, writeStream } from './write-tally.js';

const rowsOf = (...ids: number[]) => ids.map((id) => ({ id }));

test('rows are booked to their assets', () => {
  const tally = startTally([1, 52, 825]);
  bookWrites(tally, 'price_bars', { rows: rowsOf(1, 1, 52), written: 3 });
  bookWrites(tally, 'ema_points', { rows: rowsOf(1), written: 1 });
  const counts = new Map([
    [1, 3],
    [52, 1],
    [825, 0],
  ]);
  expect([tally.needed, tally.written]).toEqual([counts, counts]);
});

test.each([2, 4, 0])('of 3 rows of several assets the database wrote %i: nobody knows whose', (written) => {
  const tally = startTally([1, 52]);
  expect(() => bookWrites(tally, 'price_bars', { rows: rowsOf(1, 1, 52), written })).toThrow(
    `price_bars: the database wrote ${written} of 3 rows`,
  );
  expect([...tally.written.values()]).toEqual([0, 0]);
});

test('of the rows of one asset it is known whose are missing', () => {
  const tally = startTally([52]);
  bookWrites(tally, 'price_bars', { rows: rowsOf(52, 52, 52), written: 2 });
  expect([tally.needed.get(52), tally.written.get(52)]).toEqual([3, 2]);
});

test('rows that are made while they are written are counted; where there is none there is no statement', async () => {
  const tally = startTally([1, 52]);
  const write = async (rows: Iterable<{ id: number }>) => [...rows].length;
  await writeStream(tally, 'price_bars', { rows: rowsOf(1, 52, 52), write });
  expect([...tally.written]).toEqual([
    [1, 1],
    [52, 2],
  ]);
  const fewer = async (rows: Iterable<{ id: number }>) => [...rows].length - 1;
  await expect(writeStream(tally, 'price_bars', { rows: rowsOf(1, 52), write: fewer })).rejects.toThrow(
    'price_bars: the database wrote 1 of 2 rows',
  );
  await writeStream(tally, 'price_bars', { rows: [], write: () => Promise.reject(new Error('a statement')) });
});
