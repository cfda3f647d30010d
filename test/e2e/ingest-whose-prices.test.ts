/** Whose prices a file holds, in what money, raw or adjusted, and whether its last line is whole: what the file and its name say of it. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createFileFixture, type FileFixture } from '../support/files/fixture.js';
import { commandsIn, typed } from '../support/files/typed.js';

let fixture: FileFixture;

beforeAll(async () => {
  fixture = await createFileFixture();
});
afterAll(() => fixture.drop());
beforeEach(() => fixture.clear());

describe('raw and adjusted prices', () => {
  const content =
    'Date,Open,High,Low,Close,Adj Close,Volume\n2024-01-02,10,12,8,10,5,100\n2024-01-03,10,12,8,11,11,100\n';
  test('are never mixed: raw ones by default, all four scaled where --adjusted is typed', async () => {
    const raw = await fixture.load('yahoo.csv', content, { symbol: 'RAW' });
    expect((await fixture.days(raw.asset.id)).map((row) => row.slice(1))).toEqual([
      [10, 12, 8, 10, 100],
      [10, 12, 8, 11, 100],
    ]);
    const adjusted = await fixture.load('yahoo.csv', content, { symbol: 'ADJ', isAdjusted: true });
    expect((await fixture.days(adjusted.asset.id)).map((row) => row.slice(1))).toEqual([
      [5, 6, 4, 5, 100],
      [10, 12, 8, 11, 100],
    ]);
  });

  test('one over the other is refused, and the command that it prints replaces what is stored', async () => {
    for (const isAdjusted of [false, true]) {
      await fixture.clear();
      await fixture.load('yahoo.csv', content, { id: 7, isAdjusted });
      const [came, stored] = isAdjusted ? ['raw', 'adjusted'] : ['adjusted', 'raw'];
      const message = await fixture.refusal('yahoo.csv', content, { id: 7, isAdjusted: !isAdjusted });
      expect(message).toContain(`gives ${came} prices, and those that are stored of id 7 are ${stored}`);
      const [command = ''] = commandsIn(message);
      const report = await fixture.load('yahoo.csv', content, typed(command));
      expect(report).toMatchObject({ changedRows: 1, asset: { id: 7 } });
      expect(report.notes).toEqual([
        `[WARNING] id 7 has ${came} prices from now on; days that are not in this file stay ${stored}`,
      ]);
      expect((await fixture.load('yahoo.csv', content, { id: 7, isAdjusted: !isAdjusted })).notes).toEqual(
        [],
      );
    }
  });

  test('a file without adjusted closes has nothing to adjust', async () => {
    const plain = 'Date,Open,High,Low,Close\n2024-01-02,10,12,8,10\n';
    expect(await fixture.refusal('a.csv', plain, { isAdjusted: true })).toMatch(/--adjusted needs a column/);
  });
});

describe('the money of a pair', () => {
  const content = (day: string) =>
    `${Date.parse(day)},1,2,0.5,1,100,${Date.parse(day) + 86_399_999},1,1,1,1,0\n`;
  test('in the name of a file is that of its asset; another one is refused, and the command takes it', async () => {
    await fixture.load('BTCEUR-1d-2024-01.csv', content('2024-01-01'), { id: 7 });
    const message = await fixture.refusal('BTCUSDT-1d-2024-01.csv', content('2024-01-02'), { id: 7 });
    expect(message).toMatch(/holds prices in USD \(USDT\), and those that are stored of id 7 are in EUR/);
    const report = await fixture.load(
      'BTCUSDT-1d-2024-01.csv',
      content('2024-01-02'),
      typed(commandsIn(message)[0] ?? ''),
    );
    expect(report.notes).toEqual([
      '[WARNING] id 7 is in USD from now on; days that are not in this file stay in EUR',
      '[INFO] USDT counts as USD',
    ]);
    // What is typed counts more than a name.
    await fixture.clear();
    await fixture.load('BTCUSDT-1d-2024-01.csv', content('2024-01-01'), { id: 7, currency: 'EUR' });
    expect(
      await fixture.database.read((tx) => tx.query('select quote_currency, volume_in from dim_assets')),
    ).toEqual([['EUR', 'coins']]);
  });

  test('names its asset in the command that is proposed', async () => {
    const message = await fixture.refusal('XBTUSD_1440.csv', '1704067200,1,2,0.5,1,100,3\n', {
      symbol: null,
    });
    const [command = ''] = commandsIn(message);
    expect(command).toMatch(/--symbol BTC$/);
    expect(
      await fixture.load('XBTUSD_1440.csv', '1704067200,1,2,0.5,1,100,3\n', typed(command)),
    ).toMatchObject({
      asset: { id: 1, symbol: 'BTC' },
    });
  });

  test('a volume in money after one in coins is said', async () => {
    const table = (unit: string, day: string) =>
      `date,open,high,low,close,Volume ${unit}\n${day},1,2,0.5,1,100\n`;
    await fixture.load(
      'a.csv',
      table('BTC', '2024-01-01').replace('date', 'symbol,date').replace('\n2', '\nBTC/USD,2'),
      { id: 7 },
    );
    const { notes } = await fixture.load('a.csv', table('USDT', '2024-01-02'), { id: 7 });
    expect(notes).toEqual([
      '[WARNING] the volume of a.csv is in money, and that of the days before in units of the asset: sums over both mean nothing',
    ]);
  });
});

describe('rows that say their currency', () => {
  const table = (...rows: string[]) => `symbol,date,open,high,low,close,currency\n${rows.join('\n')}\n`;
  const row = (symbol: string, day: number, currency: string) =>
    `${symbol},2024-01-0${day},1,2,0.5,1,${currency}`;

  test.each([
    ['a column', table(row('A', 1, 'USD'), row('A', 2, ''), row('A', 3, 'EUR')), 'found "EUR" after "USD"'],
    [
      'a column, pence',
      table(row('A', 1, 'GBP'), row('A', 2, 'GBP'), row('A', 3, 'GBp')),
      'found "GBX" after "GBP"',
    ],
    [
      'pairs',
      table(row('A/USD', 1, ''), row('A/USD', 2, ''), row('A/EUR', 3, '')),
      'found "EUR" after "USD"',
    ],
  ])('%s: those of another currency are refused, and nothing is stored', async (_by, content, words) => {
    const message = await fixture.refusal('prices.csv', content, { symbol: 'A' });
    expect(message).toContain('line 4: expected prices in one currency');
    expect(message).toContain(words);
    const stored = await fixture.database.read((tx) => tx.query('select from cmc_price_histories7'));
    expect(stored).toEqual([]);
  });

  test('of a file with several assets each has its own', async () => {
    const content = table(row('A', 1, 'USD'), row('B', 1, 'EUR'), row('A', 2, 'usd'), row('B', 2, 'EUR'));
    for (const symbol of ['A', 'B']) await fixture.load('prices.csv', content, { symbol });
    expect(
      await fixture.database.read((tx) =>
        tx.query('select symbol, quote_currency from dim_assets order by 1'),
      ),
    ).toEqual([
      ['A', 'USD'],
      ['B', 'EUR'],
    ]);
  });
});

describe('a last line without a line end', () => {
  const head = 'date,open,high,low,close,volume\n';
  test('that may have lost digits is named', async () => {
    const content = `${head}2024-01-01,1,2,0.5,1,100\n2024-01-02,1,2,0.5,1,1234`;
    expect((await fixture.load('a.csv', content)).notes).toEqual([
      '[INFO] line 3 of a.csv has no line end: if the file was cut there, its last cell "1234" lacks digits',
    ]);
    expect((await fixture.load('a.csv', `${content}\n`)).notes).toEqual([]);
  });

  test('that has fewer decimals than all others is cut; with as many it is whole', async () => {
    const content = `${head}2024-01-01,1,2,0.5,1,10.250\n2024-01-02,1,2,0.5,1,1234.500`;
    expect((await fixture.load('a.csv', content)).notes).toEqual([]);
    await fixture.clear();
    expect(await fixture.refusal('a.csv', content.slice(0, -1))).toMatch(
      /line 3: expected the rest of the line/,
    );
    // Where nothing is read of the last column, nothing of it can be missing.
    const passed = `date,open,high,low,close,trades\n2024-01-01,1,2,0.5,1,100\n2024-01-02,1,2,0.5,1,1`;
    expect((await fixture.load('b.csv', passed)).notes).toEqual([]);
  });
});

describe('the asset by its symbol', () => {
  const content = 'Date,Open,High,Low,Close\n2024-01-02,10,12,8,10\n';
  test('is that of dim_assets, else the built-in one, else a new one with an id of our own', async () => {
    const ids = async (symbol: string) => (await fixture.load('a.csv', content, { symbol })).asset;
    expect(await ids('BTC')).toMatchObject({ id: 1, name: 'Bitcoin' });
    expect(await ids('AAPL')).toEqual({ id: 1_000_000_001, symbol: 'AAPL', name: null });
    expect(await ids('MSFT')).toMatchObject({ id: 1_000_000_002 });
    expect(await ids('AAPL')).toMatchObject({ id: 1_000_000_001 });
  });

  test('a name of another asset is refused, and the command that it prints takes the file', async () => {
    const file = 'Ethereum_1_1_2024-2_1_2024_historical_data_coinmarketcap.csv';
    const message = await fixture.refusal(file, content, { id: 7 });
    expect(message).toMatch(/^--id 7 was given, but "Ethereum_\S+" names Ethereum, which is id 1027/);
    const report = await fixture.load(file, content, typed(commandsIn(message)[0] ?? ''));
    expect(report).toMatchObject({ newRows: 1, asset: { id: 7 } });
  });

  test('is one asset each, when two are registered at once', async () => {
    const reports = await Promise.all(
      ['A1', 'B2', 'C3'].map((symbol) => fixture.load(`${symbol}.csv`, content, { symbol })),
    );
    expect(new Set(reports.map(({ asset }) => asset.id)).size).toBe(3);
  });

  test('that several have is asked for by --id; one that nobody says is asked for', async () => {
    await fixture.database.transaction((tx) =>
      tx.execute(`insert into dim_assets (id, symbol) values (5, 'TWO'), (6, 'TWO')`),
    );
    expect(await fixture.refusal('a.csv', content, { symbol: 'TWO' })).toMatch(
      /of several assets .*5, 6.*--id/,
    );
    expect(await fixture.refusal('a.csv', content, { symbol: null })).toMatch(
      /say it with --id N, or by its symbol/,
    );
    const named = `symbol,${content.replace('\n', '\nNEW/USD,')}`;
    const [command = ''] = commandsIn(await fixture.refusal('a.csv', named, { symbol: null }));
    expect(await fixture.load('a.csv', named, typed(command))).toMatchObject({ asset: { symbol: 'NEW' } });
  });
});
