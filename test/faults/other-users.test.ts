/** What another user of the machine can plant where barwright works: caches, logs, config files, a data folder. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runCli, unwrapped } from '../support/cli.js';
import { asStranger, canBeTwoUsers, STRANGER } from '../support/other-user.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

/** A folder like /tmp: everybody may add names to it. */
let shared: string;
let warehouse: Warehouse;
beforeAll(async () => {
  warehouse = await createWarehouse({}, [{ ids: [1], days: 10 }]);
  shared = mkdtempSync(join(tmpdir(), 'barwright-shared-'));
});
beforeEach(() => {
  rmSync(shared, { recursive: true, force: true });
  mkdirSync(shared);
  chmodSync(shared, 0o1777);
});
afterAll(async () => {
  await warehouse?.drop();
  rmSync(shared, { recursive: true, force: true });
});

const modeOf = (path: string) => statSync(path).mode & 0o777;
const today = () => `refresh-${new Date().toISOString().slice(0, 10)}.log`;

describe('compiled code', () => {
  const run = async (env: Record<string, string>) => {
    await expectExit(0, runCli(['--version'], { env: { TMPDIR: shared, HOME: shared, ...env } }));
  };

  test('lies in a folder that nobody else may enter, and nowhere in the shared folder for temporary files', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'barwright-cache-'));
    await run({ HOME: '/nowhere', XDG_CACHE_HOME: cache });
    expect(readdirSync(shared)).toEqual([]);
    expect(modeOf(join(cache, 'barwright'))).toBe(0o700);
    expect(readdirSync(join(cache, 'barwright'))).toHaveLength(1);
    rmSync(cache, { recursive: true });
  });

  if (canBeTwoUsers()) {
    test.each([
      ['a folder of theirs', 'mkdir -p .cache/barwright && chmod 777 .cache/barwright'],
      ['a folder of theirs above ours', 'mkdir -p .cache && chmod 777 .cache'],
      ['a link to a folder of ours', 'mkdir .cache && ln -s "$PWD/own" .cache/barwright'],
      ['a link above', 'ln -s "$PWD/own" .cache'],
    ])('%s: nothing is read or written there', async (_what, line) => {
      const own = join(shared, 'own');
      mkdirSync(own, { mode: 0o755 });
      asStranger(`cd ${shared} && ${line}`);
      await run({});
      expect(readdirSync(own)).toEqual([]);
      expect(modeOf(own)).toBe(0o755);
      expect(readdirSync(join(shared, '.cache'))).not.toContain('v');
      if (existsSync(join(shared, '.cache/barwright')))
        expect(readdirSync(join(shared, '.cache/barwright'))).toEqual([]);
    });
  }

  test('a folder of ours that others may write to is not used: what lies in it may be theirs', async () => {
    mkdirSync(join(shared, '.cache/barwright'), { recursive: true });
    chmodSync(join(shared, '.cache/barwright'), 0o777);
    await run({});
    expect(readdirSync(join(shared, '.cache/barwright'))).toEqual([]);
  });
});

describe('logs and the memory of alerts', () => {
  const refresh = (env: Record<string, string> = {}) =>
    expectExit(0, warehouse.run(['refresh', '--bars'], { cwd: shared, env }));

  test('lie in a folder of mode 0700; one of ours that was open is closed', async () => {
    mkdirSync(join(shared, '.logs'), { mode: 0o777 });
    chmodSync(join(shared, '.logs'), 0o777);
    await refresh();
    expect(modeOf(join(shared, '.logs'))).toBe(0o700);
    expect(readdirSync(join(shared, '.logs'))).toEqual([today()]);
  });

  test.each([
    ['a link instead of the folder', (target: string) => symlinkSync(target, join(shared, '.logs'))],
    [
      'a link instead of the file',
      (target: string) => {
        mkdirSync(join(shared, '.logs'));
        symlinkSync(join(target, 'precious'), join(shared, '.logs', today()));
      },
    ],
  ])('%s is not followed: a warning, and the run continues', async (_what, plant) => {
    const target = mkdtempSync(join(tmpdir(), 'barwright-target-'));
    writeFileSync(join(target, 'precious'), 'as it was');
    plant(target);
    const { stdout } = await refresh();
    expect(unwrapped(stdout)).toMatch(
      /\[WARNING\] the log .* cannot be written: .* is a symbolic link, which is not followed; the run/,
    );
    expect(readdirSync(target)).toEqual(['precious']);
    expect(readFileSync(join(target, 'precious'), 'utf8')).toBe('as it was');
    rmSync(target, { recursive: true });
  });

  test('a link instead of the memory of alerts is not followed, neither to read nor to write', async () => {
    const precious = join(shared, 'precious');
    writeFileSync(precious, 'as it was');
    mkdirSync(join(shared, '.logs'));
    symlinkSync(precious, join(shared, '.logs', 'alerts.json'));
    const env = { BARWRIGHT_ALERT_WEBHOOK: 'http://127.0.0.1:1/hook' };
    const args = ['refresh', '--all', '--source', 'no.such', '--alert-on-error'];
    const { stdout } = await expectExit(1, warehouse.run(args, { cwd: shared, env }));
    expect(stdout).toMatch(/alerts\.json cannot be read \(.*alerts\.json is a symbolic link/);
    expect(readFileSync(precious, 'utf8')).toBe('as it was');
  });

  if (canBeTwoUsers()) {
    test.each([
      ['a folder of theirs', `mkdir .logs && chmod 777 .logs`, /\.logs belongs to another user \(id 65534\)/],
      ['a link of theirs', `ln -s /var/lib .logs`, /\.logs is a symbolic link/],
    ])('%s instead of ours: nothing is written into it', async (_what, line, words) => {
      asStranger(`cd ${shared} && ${line}`);
      const before = readdirSync(join(shared, '.logs')).sort();
      const { stdout } = await refresh();
      expect(stdout).toMatch(words);
      expect(readdirSync(join(shared, '.logs')).sort()).toEqual(before);
    });

    test('a file of theirs, and a pipe, in a folder of ours: not written to', async () => {
      mkdirSync(join(shared, '.logs'));
      chmodSync(join(shared, '.logs'), 0o777);
      asStranger(`touch ${join(shared, '.logs', today())}`);
      expect((await refresh()).stdout).toMatch(/belongs to another user/);
      expect(readFileSync(join(shared, '.logs', today()), 'utf8')).toBe('');
      rmSync(join(shared, '.logs', today()));
      chmodSync(join(shared, '.logs'), 0o777);
      asStranger(`mkfifo ${join(shared, '.logs', today())}`);
      expect((await refresh()).stdout).toMatch(/the log .* cannot be written/);
    });
  }
});

if (canBeTwoUsers())
  describe('config files of another user', () => {
    const url = () => warehouse.urls.reader;
    const status = (cwd: string, env: Record<string, string> = {}) => runCli(['status'], { cwd, env });
    const plant = (file: string, text: string) =>
      asStranger(`printf '%s' '${text}' > ${join(shared, file)} && chmod 644 ${join(shared, file)}`);
    let below: string;
    beforeEach(() => {
      below = join(shared, 'ours');
      mkdirSync(below);
    });

    test.each([
      ['db_config.env', 'TARGET_DB_URL=postgresql://mallory@127.0.0.1:1/d'],
      ['barwright.config.json', '{"schema": "mallory"}'],
    ])('%s in a folder above the working directory is refused', async (file, text) => {
      plant(file, text);
      const env = { TARGET_DB_URL: url() };
      const { stderr } = await expectExit(2, status(below, env));
      expect(unwrapped(stderr)).toBe(
        `${join(shared, file)} belongs to another user (id 65534), who could send the data elsewhere: put a file of your own ` +
          'into the working directory, or trust that user with BARWRIGHT_TRUSTED_OWNERS=65534\n',
      );
      const { stdout: said } = await runCli(['doctor'], { cwd: below, env });
      expect(said).toContain(`${join(shared, file)} belongs to another user`);
    });

    test('in the working directory itself it warns, and is used', async () => {
      plant('db_config.env', `TARGET_DB_URL=${url()}`);
      const { stdout, stderr } = await expectExit(0, status(shared));
      expect(stdout + stderr).toContain('db_config.env belongs to another user (id 65534)');
    });

    test.each([STRANGER.name, String(STRANGER.id), ` root , ${STRANGER.name}`])(
      'BARWRIGHT_TRUSTED_OWNERS=%s: used silently',
      async (owners) => {
        plant('db_config.env', `TARGET_DB_URL=${url()}`);
        const { stdout, stderr } = await expectExit(0, status(below, { BARWRIGHT_TRUSTED_OWNERS: owners }));
        expect(stdout + stderr).not.toContain('another user');
      },
    );

    test.each(['', 'daemon', '1', 'x; id', '*'])('BARWRIGHT_TRUSTED_OWNERS=%s: refused', async (owners) => {
      plant('db_config.env', `TARGET_DB_URL=${url()}`);
      await expectExit(2, status(below, { BARWRIGHT_TRUSTED_OWNERS: owners }));
    });

    test('a link of theirs to a file of ours is theirs', async () => {
      const elsewhere = join(below, 'other-project.env');
      writeFileSync(elsewhere, `TARGET_DB_URL=${url()}`, { mode: 0o600 });
      asStranger(`ln -s ${elsewhere} ${join(shared, 'db_config.env')}`);
      const { stderr } = await expectExit(2, status(below));
      expect(stderr).toContain('db_config.env belongs to another user');
    });

    test('one of our own nearer by is used, whatever lies above', async () => {
      plant('db_config.env', 'TARGET_DB_URL=postgresql://mallory@127.0.0.1:1/d');
      writeFileSync(join(below, 'db_config.env'), `TARGET_DB_URL=${url()}`, { mode: 0o600 });
      await expectExit(0, status(below));
    });

    test('a data folder of the embedded server that they have made is not used', async () => {
      asStranger(`mkdir ${join(shared, 'data')}`);
      const { stdout } = await runCli(['db', 'start', '--data-dir', join(shared, 'data')]);
      expect(stdout).toContain('belongs to another user (id 65534)');
      expect(readdirSync(join(shared, 'data'))).toEqual([]);
      mkdirSync(join(shared, 'open'));
      chmodSync(join(shared, 'open'), 0o777);
      const open = await runCli(['db', 'start', '--data-dir', join(shared, 'open')]);
      expect(open.stdout).toContain('can be written by other users');
      expect(readdirSync(join(shared, 'open'))).toEqual([]);
    });
  });
