import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { cleanEnvironment } from './support/cli.js';
import { createTestDatabase } from './support/database.js';

const fileOf = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** Runs an example as a process of its own, from its source; gives the lines that it printed. */
async function runExample(name: string, env: Record<string, string> = {}): Promise<string[]> {
  const loader = pathToFileURL(fileOf('test/support/run-typescript.mjs')).href;
  const args = ['--import', loader, fileOf(`examples/${name}.ts`)];
  const run = await promisify(execFile)(process.execPath, args, {
    cwd: tmpdir(),
    env: cleanEnvironment(env),
    timeout: 60_000,
  });
  expect(run.stderr).toBe('');
  return run.stdout.trimEnd().split('\n');
}

test('examples/compute-bars.ts: two weeks of days give one closed week and an open one', async () => {
  expect(await runExample('compute-bars')).toEqual([
    'closed bar 1: 2025-06-02 to 2025-06-08 O 10.5 H 16 L 10 C 15',
    'open bar: 6 days, close 18',
  ]);
});

test('examples/compute-indicators.ts: all at once, from a state that was kept, and as if a bar closed now', async () => {
  expect(await runExample('compute-indicators')).toEqual([
    'sma_5: 18.4000, first at bar 5',
    'rsi_5: 61.3680, first at bar 6',
    'bbands_5_2.middle: 18.4000, first at bar 5',
    'bbands_5_2.upper: 20.4396, first at bar 5',
    'bbands_5_2.lower: 16.3604, first at bar 5',
    'rsi_5 of the last two bars: 83.7670455925802 61.36799094769253',
    'rsi_5 at 21: 74.2688',
  ]);
});

test('examples/check-freshness.ts: says which assets are fresh and what a refresh would do', async () => {
  const { database, url, drop } = await createTestDatabase();
  try {
    await database.transaction(async (tx) => {
      await tx.execute(`insert into dim_assets (id) values (1), (52), (825)`);
      await tx.execute(`insert into cmc_price_bars_1d_state (id, last_src_ts)
        values (1, now() - interval '1 hour'), (52, now() - interval '3 days')`);
    });
    const lines = await runExample('check-freshness', { TARGET_DB_URL: url });
    expect(lines.slice(0, 3)).toEqual([
      'asset 1: fresh, newest price 1.0 h old',
      'asset 52: stale, newest price 72.0 h old',
      'asset 825: no_state, no bars yet',
    ]);
    expect(lines.slice(3).join('\n')).toMatch(/^bars of asset 1: .*\n.*bars of asset 52: .*/);
    expect(lines.slice(3).some((text) => text.startsWith('emas of asset 825: '))).toBe(true);
  } finally {
    await drop();
  }
});
