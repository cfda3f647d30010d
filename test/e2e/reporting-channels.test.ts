/** Alerts by e-mail and by a command, `alert --test`, and what doctor and the log say of it. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { useAlerting } from '../support/alerting.js';
import { createDesk } from '../support/desk.js';
import { expectExit } from '../support/warehouse.js';

const PASSWORD = `pw-${process.pid}-canary`;
const scene = useAlerting();
const mails: string[] = [];
let mail: SMTPServer;
let smtp: string;

beforeAll(async () => {
  mail = new SMTPServer({
    authOptional: true,
    hideSTARTTLS: true,
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) =>
      password === PASSWORD ? done(null, { user: username }) : done(new Error('no')),
    onData(stream, _session, done) {
      let text = '';
      stream.on('data', (chunk) => (text += chunk));
      stream.on('end', () => {
        mails.push(text);
        done();
      });
    },
  });
  await new Promise<void>((resolve) => mail.listen(0, '127.0.0.1', resolve));
  smtp = `smtp://me:${PASSWORD}@127.0.0.1:${(mail.server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise<void>((resolve) => mail.close(() => resolve())));
afterEach(() => {
  mails.length = 0;
});

test('a failed run is reported by e-mail and by a command; every line of the log has the id of the run', async () => {
  const repair = await scene.poison('bad day');
  const env = { BARWRIGHT_ALERT_SMTP: smtp, BARWRIGHT_ALERT_EMAIL: 'ops@example.com' };
  const command = 'cat > told.txt; printf %s "$BARWRIGHT_ALERT" > facts.json';
  const { stdout, stderr } = await expectExit(
    1,
    scene.desk.run(['refresh', '--bars', '--alert-on-error', '--alert-exec', command], { env }),
  );
  expect(stdout + stderr).not.toContain('did not take the alert');
  expect(mails).toHaveLength(1);
  expect(mails[0]).toMatch(/^Subject: barwright FAILED: refresh --bars on /m);
  expect(mails[0]).toMatch(/^To: ops@example\.com/m);
  expect(mails[0]).toContain('- bars, ID 825: bad day');
  const readText = (name: string) => readFileSync(join(scene.desk.folder, name), 'utf8');
  expect(readText('told.txt')).toMatch(/^barwright FAILED: refresh --bars on .*\nFAILED: 1 failed/);
  const facts = JSON.parse(readText('facts.json'));
  expect(facts).toMatchObject({ what: 'FAILED', exitCode: 1, causes: [{ ids: [825] }] });
  const lines = scene.desk.readLog();
  expect(new Set(lines.map(({ run }) => run))).toEqual(new Set([facts.run]));
  expect(stdout + stderr + scene.desk.readAll()).not.toContain(PASSWORD);
  await repair();
});

test('a command that fails and a password that is refused are warnings, and change no exit code', async () => {
  const repair = await scene.poison('another bad day');
  const env = {
    BARWRIGHT_ALERT_SMTP: smtp.replace(PASSWORD, 'wrong-password'),
    BARWRIGHT_ALERT_EMAIL: 'ops@example.com',
  };
  const { stdout } = await expectExit(
    1,
    scene.desk.run(['refresh', '--bars', '--alert-exec', 'exit 7'], { env }),
  );
  expect(stdout).toMatch(/\[WARNING\] the alert command did not take the alert: it ended with 7\n/);
  expect(stdout).toMatch(/\[WARNING\] the mail server did not take the alert: it answered 535 \(EAUTH\)\n/);
  expect(stdout).not.toContain('wrong-password');
  await repair();
});

test('alert --test sends a message to each channel and says which took it', async () => {
  const desk = createDesk({
    BARWRIGHT_ALERT_SMTP: smtp,
    BARWRIGHT_ALERT_EMAIL: 'ops@example.com, me@example.com',
  });
  const good = await expectExit(0, desk.run(['alert', '--test', '--alert-exec', 'cat > told.txt']));
  expect(good.stdout).toBe(
    '[OK] the mail server took the message\n[OK] the alert command took the message\n',
  );
  expect(mails[0]).toMatch(/^Subject: barwright TEST: /m);
  const bad = await expectExit(1, desk.run(['alert', '--test', '--alert-exec', 'exit 3']));
  expect(bad.stdout).toContain('[FAILED] the alert command did not take the alert: it ended with 3\n');
  const half = await expectExit(1, desk.run(['alert', '--test'], { env: { BARWRIGHT_ALERT_EMAIL: '' } }));
  expect(half.stdout).toBe(
    '[FAILED] no alert by e-mail: BARWRIGHT_ALERT_SMTP is set, BARWRIGHT_ALERT_EMAIL is not\n',
  );
  desk.clear();
  const none = createDesk();
  const nobody = await expectExit(1, none.run(['alert', '--test']));
  expect(nobody.stdout).toMatch(/^\[FAILED\] --alert-on-error has no channel: set TELEGRAM_BOT_TOKEN/);
  none.clear();
});

test('alert lists what was sent, what is open first; doctor says which channels there are', async () => {
  const repair = await scene.poison('bad day again');
  await expectExit(1, scene.desk.run(['refresh', '--bars', '--alert-on-error']));
  const open = await expectExit(0, scene.desk.run(['alert']));
  expect(open.stdout).toMatch(
    /^\[OPEN\] since \d{4}-.* UTC, sent \d{4}-.* UTC: bars, ID 825: bad day again/m,
  );
  await repair();
  await expectExit(0, scene.desk.run(['refresh', '--bars', '--alert-on-error']));
  const ended = await expectExit(0, scene.desk.run(['alert', '--json']));
  expect(JSON.parse(ended.stdout).alerts).toMatchObject([{ isOpen: false, ids: [825] }]);
  const alertsOf = async () => /^\[OK\] alerts: .*$/m.exec((await scene.desk.run(['doctor'])).stdout)?.[0];
  expect(await alertsOf()).toBe(
    '[OK] alerts: Telegram, the webhook; "barwright alert --test" sends a message',
  );
  // A command of the configuration is a channel as well.
  const config = join(scene.desk.folder, 'barwright.config.json');
  writeFileSync(config, JSON.stringify({ refresh: { alertExec: 'true' } }));
  expect(await alertsOf()).toContain('alerts: Telegram, the webhook, the alert command;');
  rmSync(config);
});
