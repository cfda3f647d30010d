/** Named pipes and devices where files are expected: nothing waits for their end. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { builtFile, cleanEnvironment, runCli } from '../support/cli.js';
import { HEADER, line } from '../support/ingest.js';
import { waitFor } from '../support/processes.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

/** No command here has anything to wait for. */
const timeoutMs = 40_000;
const REFUSED = 'it is a named pipe or a device, expected a file';

let warehouse: Warehouse;
let folder: string;
beforeAll(async () => {
  warehouse = await createWarehouse();
});
afterAll(() => warehouse?.drop());
beforeEach(async () => {
  await warehouse.execute('truncate cmc_price_histories7, dim_assets');
  folder = mkdtempSync(join(tmpdir(), 'barwright-pipes-'));
  return () => rmSync(folder, { recursive: true, force: true });
});

const fileName = 'Bitcoin_3_1_2025-3_9_2025_historical_data_coinmarketcap.csv';
const putFile = () => writeFileSync(join(folder, fileName), `${HEADER}\n${line(1)}\n`);
const pipe = (name: string) => execFileSync('mkfifo', [join(folder, name)]);

const THINGS: [string, string, () => void][] = [
  ['a named pipe', 'x_1_2025.csv', () => pipe('x_1_2025.csv')],
  [
    'a link to a pipe',
    'x.json',
    () => {
      pipe('hidden');
      symlinkSync(join(folder, 'hidden'), join(folder, 'x.json'));
    },
  ],
  ['a link to an endless device', 'zero.csv', () => symlinkSync('/dev/zero', join(folder, 'zero.csv'))],
  ['a link to the terminal', 'tty.csv', () => symlinkSync('/dev/tty', join(folder, 'tty.csv'))],
  ['a link to standard input', 'in.csv', () => symlinkSync('/dev/stdin', join(folder, 'in.csv'))],
];

test.each(THINGS)(
  '%s among price files: named, the others are stored, and nothing waits',
  async (_what, name, put) => {
    putFile();
    put();
    const { stdout } = await expectExit(1, warehouse.run(['ingest', folder], { timeoutMs }));
    expect(stdout).toContain(`[FAILED] cannot read ${join(folder, name)}: ${REFUSED}`);
    expect(stdout).toContain('2 files: 1 stored, 1 failed');
  },
);

test.each(THINGS)('%s that is named itself: refused with a sentence', async (_what, name, put) => {
  put();
  const args = ['ingest', join(folder, name), '--id', '1'];
  const { stdout } = await expectExit(2, warehouse.run(args, { timeoutMs }));
  expect(stdout).toContain(`cannot read ${join(folder, name)}: ${REFUSED}`);
});

test('what a command prints is read as /dev/stdin', async () => {
  putFile();
  const program = `'${process.execPath}' '${builtFile('cli/bin.js')}' ingest /dev/stdin --id 1`;
  execFileSync('sh', ['-c', `cat '${join(folder, fileName)}' | ${program}`], {
    env: cleanEnvironment({ TARGET_DB_URL: warehouse.urls.runner }),
    timeout: timeoutMs,
  });
  expect(await warehouse.query('select id, close from cmc_price_histories7')).toEqual([[1, 10]]);
});

test('schedule: the round names the pipe and continues to its refresh', async () => {
  pipe('x.csv');
  putFile();
  let pid = 0;
  let said = '';
  const args = ['schedule', '--cron', '0 0 29 2 *', '--now', '--ingest', folder];
  const onStart = (started: number) => {
    pid = started;
  };
  const onStdout = (text: string) => {
    said = text;
  };
  const ended = warehouse.run(args, { timeoutMs, cwd: folder, onStart, onStdout });
  await waitFor('the refresh', () => (said.includes('Overall: ') ? said : null));
  process.kill(pid, 'SIGTERM');
  const { stdout } = await ended;
  expect(stdout).toContain(REFUSED);
  expect(stdout).toContain('Overall: OK');
});

test('a backup in which pipes lie instead of files is refused', async () => {
  const directory = join(folder, 'backup');
  await expectExit(0, warehouse.run(['db', 'backup', directory], { timeoutMs }));
  const names = readdirSync(directory);
  for (const name of ['manifest.json', names.find((each) => each.endsWith('.csv.gz')) ?? '']) {
    rmSync(join(directory, name));
    execFileSync('mkfifo', [join(directory, name)]);
    const end = await warehouse.run(['db', 'restore', directory], { timeoutMs });
    expect(end.code, end.stdout).not.toBe(0);
    expect(end.signal).toBeNull();
  }
});

test('a metrics file that is a pipe which nobody reads: a warning, and the run ends', async () => {
  pipe('metrics');
  const args = ['refresh', '--bars', '--metrics-file', join(folder, 'metrics')];
  // There is no active asset: exit 3.
  const { stdout } = await expectExit(3, warehouse.run(args, { timeoutMs, cwd: folder }));
  expect(stdout).toContain('[WARNING] metrics were not written');
});

test('a config file that is a pipe: refused', async () => {
  pipe('db_config.env');
  const { stderr } = await expectExit(2, runCli(['status'], { cwd: folder, timeoutMs }));
  expect(stderr).toContain('db_config.env is not a file');
});
