/** --alert-on-error against servers of this machine: who gets which message, once, and what never changes a run. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ALERTING, HOOK_PATH, TOKEN, textsOf, useAlerting } from '../support/alerting.js';
import { IMPATIENT, runCli } from '../support/cli.js';
import { type Answer, TAKEN } from '../support/http-server.js';
import { expectExit } from '../support/warehouse.js';

const scene = useAlerting();

describe('an asset that fails', () => {
  test('is sent to both, hostile words and all; once in twelve hours; then that it has ended', async () => {
    const repair = await scene.poison('<!channel> & <http://evil|x>\u202e\n[OK] all good @everyone');
    await expectExit(1, scene.desk.run(ALERTING));
    const [message] = scene.telegram.seen;
    expect(message?.path).toBe(`/bot${TOKEN}/sendMessage`);
    expect(message?.body).toMatchObject({ chat_id: '-1001' });
    expect(textsOf(scene.telegram)[0]).toMatch(
      /^barwright FAILED: refresh --bars on .*\nFAILED: 1 failed, .* \(exit 1\)\n- bars, ID 825: <!channel> & <http:\/\/evil\|x> \[OK\] all good @everyone \(SQLSTATE P0001.*\nWarehouse: .*\nLog: \.logs\/refresh-/,
    );
    expect(scene.hook.seen[0]?.path).toBe(HOOK_PATH);
    expect(textsOf(scene.hook)[0]).toContain(
      '- bars, ID 825: &lt;!channel&gt; &amp; &lt;http://evil|x&gt; [OK] all good',
    );
    expect(scene.hook.seen[0]?.body.barwright).toMatchObject({
      what: 'FAILED',
      exitCode: 1,
      causes: [{ component: 'bars', ids: [825], assets: 1, kind: 'failure' }],
    });
    scene.takeHeads();

    await expectExit(1, scene.desk.run(ALERTING));
    await expectExit(1, scene.desk.run(['refresh', '--bars']));
    expect(scene.takeHeads()).toEqual([]);
    await scene.passHours(12);
    await expectExit(1, scene.desk.run(ALERTING));
    expect(scene.takeHeads()).toEqual(['barwright FAILED: refresh --bars']);

    await repair();
    // Somebody else's asset shows nothing about 825.
    await expectExit(0, scene.desk.run([...ALERTING, '--ids', '1']));
    expect(scene.takeHeads()).toEqual([]);
    await expectExit(0, scene.desk.run(ALERTING));
    expect(textsOf(scene.telegram)[0]).toMatch(/\nEnded:\n- bars, ID 825: .*channel.* \(since \d{4}-/);
    expect(scene.takeHeads()).toEqual(['barwright RECOVERED: refresh --bars']);
    await expectExit(0, scene.desk.run(ALERTING));
    expect(scene.takeHeads()).toEqual([]);
  });

  test('another machine, or a lost alert file, knows from alert_log; a damaged file is said and replaced', async () => {
    const repair = await scene.poison('bad day');
    await expectExit(1, scene.desk.run(ALERTING));
    expect(scene.takeHeads()).toHaveLength(1);
    const file = join(scene.desk.folder, '.logs', 'alerts.json');
    writeFileSync(file, '{"version":1,"entr');
    const { stdout } = await expectExit(1, scene.desk.run(ALERTING));
    expect(stdout).toMatch(/\[WARNING\] \.logs\/alerts\.json is damaged and was ignored/);
    expect(scene.takeHeads()).toEqual([]);
    // And the other way round.
    await scene.warehouse.execute('truncate alert_log');
    await expectExit(1, scene.desk.run(ALERTING));
    expect(scene.takeHeads()).toEqual([]);
    expect(await scene.warehouse.query('select cause, is_open, is_told, ids from alert_log')).toEqual([
      [expect.stringContaining('bars: bad day'), true, true, [825]],
    ]);
    await repair();
    await expectExit(0, scene.desk.run(ALERTING));
    expect(scene.takeHeads()).toEqual(['barwright RECOVERED: refresh --bars']);
  });
});

test('--strict: what made it 3 is sent as a warning', async () => {
  await scene.warehouse.execute('insert into dim_assets (id) values (1001)');
  const args = ['refresh', '--emas', '--alert-on-error'];
  await expectExit(3, scene.desk.run(args));
  expect(scene.takeHeads()).toEqual([]);
  await expectExit(3, scene.desk.run([...args, '--strict']));
  await scene.warehouse.execute('delete from dim_assets where id = 1001');
  expect(textsOf(scene.telegram)[0]).toContain('- emas, ID 1001: skipped: no bars yet (no_state)');
  expect(scene.takeHeads()).toEqual(['barwright WARNING: refresh --emas']);
});

describe('channels', () => {
  const broken = {
    TARGET_DB_URL: 'postgresql://u:pwcanary@127.0.0.1:1/d',
    ...IMPATIENT,
  };
  const run = async (env: Record<string, string> = {}) => {
    const end = await expectExit(1, scene.desk.run(ALERTING, { env: { ...broken, ...env } }));
    return end.stdout;
  };

  test.each([
    ['500, then 200', [{ status: 500 }, TAKEN], 2],
    ['429 with Retry-After, then 200', [{ status: 429, headers: { 'retry-after': '1' } }, TAKEN], 2],
    ['a broken connection, then 200', ['reset', TAKEN], 2],
  ] as [string, Answer[], number][])('%s: it gets through', async (_what, answers, requests) => {
    scene.telegram.answers = answers;
    expect(await run()).not.toContain('did not take the alert');
    expect(scene.telegram.seen).toHaveLength(requests);
    expect(scene.hook.seen).toHaveLength(1);
  });

  test('one gives no answer, the other refuses: a warning each, in the log too, and sent the next time', async () => {
    scene.telegram.answers = ['reset'];
    scene.hook.answers = [{ status: 403, body: 'invalid_token' }];
    const stdout = await run();
    expect(stdout).toContain(
      '[WARNING] Telegram did not take the alert: it could not be reached (ECONNRESET) (tried 3 times)',
    );
    expect(stdout).toContain(
      '[WARNING] the webhook did not take the alert: it answered 403, invalid_token\n',
    );
    expect(scene.desk.readLog()).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        event: 'reporting',
        msg: expect.stringContaining('403, invalid_token'),
      }),
    );
    scene.telegram.answers = [TAKEN];
    scene.hook.answers = [TAKEN];
    scene.telegram.seen.length = 0;
    scene.hook.seen.length = 0;
    await run();
    expect(scene.takeHeads()).toHaveLength(1);
  });

  test('none is configured, or by half: a warning, and the exit code is the same', async () => {
    const none = { TELEGRAM_BOT_TOKEN: '', TELEGRAM_CHAT_ID: '', BARWRIGHT_ALERT_WEBHOOK: '' };
    expect(await run(none)).toContain('[WARNING] --alert-on-error has no channel: set ');
    expect(await run({ ...none, TELEGRAM_BOT_TOKEN: TOKEN })).toContain('TELEGRAM_CHAT_ID is not');
    const good = await expectExit(0, scene.desk.run([...ALERTING, '--strict'], { env: none }));
    expect(good.stdout).toContain('[WARNING] --alert-on-error has no channel');
    expect(existsSync(join(scene.desk.folder, '.logs', 'alerts.json'))).toBe(false);
  });

  test('where nothing can be noted: a warning, and the alert goes out all the same', async () => {
    mkdirSync(join(scene.desk.folder, '.logs', 'alerts.json'), { recursive: true });
    const stdout = await run();
    expect(stdout).toMatch(/\[WARNING\] what was alerted could not be noted beside the logs: EISDIR/);
    expect(scene.takeHeads()).toHaveLength(1);
  });
});

test('the canary: password and token are in no output, log, alert, metric, table and file', async () => {
  const role = `telling_${process.pid}`;
  const password = `pw${process.pid}canary`;
  await scene.warehouse.execute(`create role ${role} superuser login password '${password}'`);
  const url = new URL(scene.warehouse.url);
  url.username = role;
  url.password = password;
  const repair = await scene.poison(`see ${url.href} and https://api.telegram.org/bot${TOKEN}/x`);
  const said: string[] = [];
  const args = [...ALERTING, '--verbose', '--metrics-file', 'm.prom'];
  for (const [env, code] of [
    [{ TARGET_DB_URL: url.href }, 1],
    [{ TARGET_DB_URL: url.href.replace(password, `${password}2`) }, 1],
    [{ TARGET_DB_URL: '' }, 2],
    [{ TARGET_DB_URL: url.href, TELEGRAM_API_URL: `http://u:${password}@127.0.0.1:9` }, 1],
  ] as const) {
    const { stdout, stderr } = await expectExit(code, scene.desk.run(args, { env }));
    const json = await expectExit(code, scene.desk.run([...args, '--json', '--quiet'], { env }));
    said.push(stdout, stderr, json.stdout, json.stderr);
  }
  const { stdout } = await runCli(['check', '--db-url', url.href, '--json']);
  const bodies = [...scene.telegram.seen, ...scene.hook.seen].map(({ body }) => JSON.stringify(body));
  said.push(stdout, scene.desk.readAll(), ...bodies);
  said.push(JSON.stringify(await scene.warehouse.query('select t::text from alert_log t')));
  await repair();
  await scene.warehouse.execute(`drop role ${role}`);
  expect(bodies.length).toBeGreaterThan(3);
  expect(said.join('\n')).toContain('***');
  const leaks = said
    .join('\n')
    .split('\n')
    .filter((line) => line.includes('canary'));
  expect(leaks).toEqual([]);
});
