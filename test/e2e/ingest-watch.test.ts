/** `ingest --watch` as a process: what is added, changed or bad, a database that goes away, and how it ends. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type CliEnd, IMPATIENT } from '../support/cli.js';
import { HEADER, line } from '../support/ingest.js';
import { waitFor } from '../support/processes.js';
import { startProxy } from '../support/proxy.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

let warehouse: Warehouse;
let folder: string;

beforeAll(async () => {
  warehouse = await createWarehouse();
});
afterAll(async () => {
  await warehouse?.drop();
});
beforeEach(async () => {
  await warehouse.execute('truncate cmc_price_histories7, dim_assets');
  folder = mkdtempSync(join(tmpdir(), 'barwright-watch-'));
  return () => rmSync(folder, { recursive: true, force: true });
});

const put = (name: string, ...lines: string[]) =>
  writeFileSync(join(folder, name), `${[HEADER, ...lines].join('\n')}\n`);

const closes = () => warehouse.query('select id, close from cmc_price_histories7 order by 1, timestamp');

interface Watching {
  /** Waits until this was said. */
  hears(words: RegExp): Promise<RegExpMatchArray>;
  stop(signal: NodeJS.Signals): Promise<CliEnd>;
  end: Promise<CliEnd>;
}

function watch(flags: readonly string[] = [], env: Record<string, string> = {}): Watching {
  let said = '';
  let pid = 0;
  const end = warehouse.run(['ingest', '--watch', folder, ...flags], {
    env,
    onStart: (started) => {
      pid = started;
    },
    onStdout: (text) => {
      said = text;
    },
  });
  return {
    hears: (words) => waitFor(`${words}`, () => said.match(words)),
    stop: (signal) => {
      process.kill(pid, signal);
      return end;
    },
    end,
  };
}

test('what is there is read, then what is added and changed; a bad file is named once, and the others are loaded', async () => {
  put('Bitcoin_1.csv', line(1));
  put('XRP_1.csv', line(1), line(2, 'abc'));
  const watching = watch();
  await watching.hears(/\[FAILED\] left until it changes: \S+XRP_1\.csv line 3, column close: /);
  await watching.hears(/\[OK\] Bitcoin_1\.csv/);
  expect(await closes()).toEqual([[1, 10]]);
  put('.Litecoin_1.csv', line(1));
  renameSync(join(folder, '.Litecoin_1.csv'), join(folder, 'Litecoin_1.csv'));
  put('Bitcoin_1.csv', line(1, 11), line(2));
  put('notes.txt', 'no prices');
  await watching.hears(/\[OK\] Litecoin_1\.csv/);
  await watching.hears(/1 new, 1 changed, 0 unchanged/);
  put('XRP_1.csv', line(1), line(2));
  await watching.hears(/\[OK\] XRP_1\.csv/);
  const { stdout } = await expectExit(0, watching.stop('SIGTERM'));
  expect(stdout.match(/\[FAILED\]/g)).toHaveLength(1);
  expect(stdout.match(/\[OK\] (Bitcoin|Litecoin|XRP)_1\.csv/g)).toHaveLength(4);
  expect(stdout).toMatch(/\[OK\] no longer watching\n$/);
  expect(await closes()).toEqual([
    [1, 11],
    [1, 10],
    [2, 10],
    [52, 10],
    [52, 10],
  ]);
});

test('the database goes away: the file waits and is stored when it is back; a folder that goes away likewise', async () => {
  const proxy = await startProxy(warehouse.urls.runner);
  try {
    const watching = watch([], { TARGET_DB_URL: proxy.url, ...IMPATIENT });
    await watching.hears(/watching/);
    proxy.onMessage(() => 'cut');
    put('Bitcoin_1.csv', line(1));
    await watching.hears(/\[WARNING\] \S+Bitcoin_1\.csv waits: /);
    proxy.onMessage(null);
    await watching.hears(/\[OK\] Bitcoin_1\.csv/);
    rmSync(folder, { recursive: true });
    await watching.hears(/\[WARNING\] cannot read the folder \S+: it is not there; it is looked for again/);
    mkdirSync(folder);
    put('Litecoin_1.csv', line(1));
    await watching.hears(/\[INFO\] the folder \S+ is back/);
    await watching.hears(/\[OK\] Litecoin_1\.csv/);
    const { stdout } = await expectExit(0, watching.stop('SIGINT'));
    expect(stdout.match(/it is not there/g)).toHaveLength(1);
  } finally {
    await proxy.close();
  }
  expect(await closes()).toEqual([
    [1, 10],
    [2, 10],
  ]);
});

test('what would meet every file ends it with 1', async () => {
  const watching = watch();
  await watching.hears(/watching/);
  await warehouse.execute('alter table cmc_price_histories7 add check (close < 10) not valid');
  put('Bitcoin_1.csv', line(1));
  // A value that a constraint refuses is about one file.
  await watching.hears(/\[FAILED\] left until it changes: cmc_price_histories7 refuses a row/);
  await warehouse.execute('alter table dim_assets rename to away');
  put('Litecoin_1.csv', line(1));
  const { stdout } = await expectExit(1, watching.end);
  expect(stdout).toMatch(/\[FAILED\] .*dim_assets/);
  await warehouse.execute('alter table away rename to dim_assets');
  await warehouse.execute(
    'alter table cmc_price_histories7 drop constraint cmc_price_histories7_close_check',
  );
});

test('only folders that are there are watched, and nothing that does not belong to it is taken', async () => {
  put('Bitcoin_1.csv', line(1));
  const run = (...args: string[]) => warehouse.run(['ingest', '--watch', ...args]);
  expect((await expectExit(2, run(join(folder, 'nowhere')))).stdout).toMatch(
    /cannot read the folder .*it is not there/,
  );
  expect((await expectExit(2, run(join(folder, 'Bitcoin_1.csv')))).stdout).toMatch(/it is not a folder/);
  await expectExit(2, run());
  await expectExit(2, run(folder, '--json'));
  await expectExit(2, run(folder, '--coinmarketcap', '--id', '1'));
});
