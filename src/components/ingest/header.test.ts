import { expect, test } from 'vitest';
import { parseHeader, SOURCE_COLUMNS } from './header.js';

const NAMES = SOURCE_COLUMNS.map((column) => column.name);
const WITHOUT_SUPPLY = NAMES.filter((name) => name !== 'circulatingSupply');

test('the header of semantics.md §1 is understood, with and without circulatingSupply', () => {
  const line =
    'timeOpen;timeClose;timeHigh;timeLow;name;open;high;low;close;volume;marketCap;circulatingSupply;timestamp';
  expect(parseHeader(line, 'f line 1')).toMatchObject({ separator: ';', hasCirculatingSupply: true });
  expect(parseHeader(WITHOUT_SUPPLY.join(';'), 'f line 1')).toMatchObject({
    separator: ';',
    hasCirculatingSupply: false,
  });
});

test('commas, blanks, quotes, another case and another order make no difference', () => {
  const header = parseHeader(
    '"timestamp", OPEN ,high , low,close,volume,marketcap,name,timeOpen,timeClose,timeHigh,timeLow',
    'f',
  );
  expect(header.separator).toBe(',');
  expect(header.columns.map((column) => column.name).slice(0, 3)).toEqual(['timestamp', 'open', 'high']);
});

test('one error names the place, every column that is missing, unknown or given twice, and what was expected', () => {
  const line = [
    ...WITHOUT_SUPPLY.filter((name) => name !== 'low' && name !== 'timestamp'),
    'Date',
    'open',
  ].join(',');
  expect(() => parseHeader(line, 'prices.csv line 1')).toThrow(
    'prices.csv line 1: the header is not that of a CoinMarketCap export: missing: "low", "timestamp"; unknown: "Date"; given twice: "open". Expected timeOpen;timeClose;timeHigh;timeLow;name;open;high;low;close;volume;marketCap;circulatingSupply;timestamp (circulatingSupply may be absent; ";" or "," between the cells)',
  );
});

test('a column that is unknown stops the file even when nothing is missing: it may be a misspelt one', () => {
  expect(() => parseHeader([...WITHOUT_SUPPLY, 'circulatingSuply'].join(';'), 'f')).toThrow(
    'unknown: "circulatingSuply"',
  );
});

test('a header that is something else altogether gives a short message', () => {
  const binary = 'PK\u0003\u0004'.padEnd(100_000, 'x,');
  for (const line of [binary, '{"quotes": []}', '"open']) {
    const run = () => parseHeader(line, 'f line 1');
    expect(run).toThrow(/f line 1: the header/);
    expect(String(attempt(run)).length).toBeLessThan(1500);
  }
});

function attempt(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}
