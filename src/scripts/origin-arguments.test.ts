import { expect, test } from 'vitest';
import { UsageError } from '../domain/text/errors.js';
import { runTranslated, translateArguments } from './origin-arguments.js';

const translated = (line: string) => translateArguments(line.split(' ')).join(' ');

test.each([
  ['--ids 1 52', '--ids 1,52'],
  ['--ids 1,52 825 --verbose', '--ids 1,52,825 --verbose'],
  ['--ids all --builders 1d multi_tf', '--ids all --only 1d,multi_tf'],
  ['--builders 1d,cal_us --full-rebuild', '--only 1d,cal_us --full-rebuild'],
  ['--skip cal_us cal_iso', '--only 1d,multi_tf,cal_anchor_us,cal_anchor_iso'],
  ['--num-processes 4 --keep-rejects --fail-on-rejects', '--num-processes 4 --strict'],
  ['--periods lut --cal-scheme both --full-refresh', '--full-rebuild'],
  ['--ids=1 --only multi_tf,cal', '--ids 1 --only multi_tf,cal'],
  ['--validate --alert-on-validation-error', '--validate --alert-on-error'],
  ['--start 2010-01-01 --debug', '--verbose'],
])('%s is %s', (theirs, ours) => expect(translated(theirs)).toBe(ours));

test.each(['--ids 1,52 --dry-run', '-n 2', '--db-url postgres://h/d --continue-on-error', '--ids -1'])(
  'a line of ours stays as it is: %s',
  (line) => expect(translated(line)).toBe(line),
);

test.each([
  ['--tz America/New_York', /^--tz has no counterpart here: a day is a UTC day; "zone"/],
  ['--start 2020-01-01', /--full-rebuild/],
  ['--log-level DEBUG', /--verbose/],
  ['--end 2024-01-01', /ema_series\(\)/],
  ['--no-update', /--dry-run/],
  ['--cal-scheme us', /--tfs/],
  ['--price-table mine', /--source/],
  ['--skip 2d', /^--skip: no builder "2d"; there are 1d, multi_tf/],
  ['--builders 1d,1d_tvc,vwap', /^--builders: no builder "1d_tvc", "vwap"; there are 1d/],
  ['--skip', /^--skip: no builder ""/],
])('%s is refused with what there is instead', (line, reason) => {
  expect(() => translated(line)).toThrow(UsageError);
  expect(() => translated(line)).toThrow(reason);
});

test('periods are asked of refresh', async () => {
  const runs: string[][] = [];
  const run = (argv: string[]) => {
    runs.push(argv);
    return Promise.resolve(0);
  };
  await runTranslated('emas', ['--ids', '1', '52', '--periods', '10,21'], run);
  await runTranslated('bars', ['--ids', '1'], run);
  expect(runs).toEqual([
    ['refresh', '--emas', '--skip-stale-check', '--ids', '1,52', '--periods', '10,21'],
    ['bars', '--ids', '1'],
  ]);
});
