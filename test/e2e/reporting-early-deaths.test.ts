/** --alert-on-error when a run dies early, or died so that only the next one can tell. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { ALERTING, textsOf, useAlerting } from '../support/alerting.js';
import { IMPATIENT } from '../support/cli.js';
import { holdTable, waitForSilence, waitForWaiter } from '../support/locks.js';
import { runAdminStatement } from '../support/server.js';
import { expectExit } from '../support/warehouse.js';

const scene = useAlerting();

describe('a run that dies early', () => {
  /** The alert once, nothing the second time. */
  async function expectToldOnce(code: number, args: readonly string[], env: Record<string, string> = {}) {
    await expectExit(code, scene.desk.run(args, { env }));
    const text = textsOf(scene.telegram)[0] ?? '';
    expect(scene.takeHeads()).toEqual([expect.stringMatching(/^barwright FAILED: /)]);
    await expectExit(code, scene.desk.run(args, { env }));
    expect(scene.takeHeads()).toEqual([]);
    return text;
  }

  async function expectRecovery() {
    await expectExit(0, scene.desk.run(ALERTING));
    expect(scene.takeHeads()).toEqual(['barwright RECOVERED: refresh --bars']);
  }

  test('no database is named: exit 2, and reported', async () => {
    const text = await expectToldOnce(2, ALERTING, { TARGET_DB_URL: '' });
    expect(text).toMatch(/\n- run: no database is named\. Give one of: .*\nWarehouse: no database\./);
    await expectRecovery();
  });

  test('the database lets nobody in; it is remembered beside the logs', async () => {
    const admin = inject('adminUrl');
    const name = new URL(scene.warehouse.url).pathname.slice(1);
    await scene.warehouse.execute(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`);
    const block = (allowed: boolean) =>
      runAdminStatement(
        admin,
        `${allowed ? 'grant' : 'revoke'} connect on database ${name} ${allowed ? 'to' : 'from'} public`,
      );
    const role = `alerted_${process.pid}`;
    await scene.warehouse.execute(`create role ${role} login password 'pw'`);
    await scene.warehouse.execute(
      `grant all on all tables in schema public to ${role}; grant temporary on database ${name} to ${role}`,
    );
    const url = new URL(scene.warehouse.url);
    url.username = role;
    url.password = 'pw';
    await block(false);
    const text = await expectToldOnce(1, ALERTING, { TARGET_DB_URL: url.href });
    expect(text).toMatch(/\n- run: .*permission denied for database/);
    await block(true);
    await expectRecovery();
    await scene.warehouse.execute(`drop owned by ${role}; drop role ${role}`);
  });

  test('nothing answers', async () => {
    const text = await expectToldOnce(1, ALERTING, {
      TARGET_DB_URL: 'postgresql://u:pwcanary@127.0.0.1:1/d',
      ...IMPATIENT,
    });
    expect(text).toMatch(
      /\n- run: the database cannot be reached \(connect ECONNREFUSED 127\.0\.0\.1:1\): .*\nWarehouse: 127\.0\.0\.1:1\/d schema public\./,
    );
  });

  test('the schema is not ours', async () => {
    const text = await expectToldOnce(1, [...ALERTING, '--schema', 'elsewhere']);
    expect(text).toContain('- run: schema "elsewhere" has no barwright tables');
  });

  test('an option that names nothing', async () => {
    const text = await expectToldOnce(2, [...ALERTING, '--tfs', '99D']);
    expect(text).toContain('99D');
  });

  test.each([
    ['an option that does not exist', [...ALERTING, '--tfz', '7D'], /unknown option '--tfz'/],
    ['a value that cannot be', [...ALERTING, '--timeout', 'soon'], /--timeout/],
    ['assets that cannot be', [...ALERTING, '--ids', '1,1_000'], /--ids expects "all" or numbers/],
    ['a symbol that no asset has', [...ALERTING, '--ids', '1,x'], /no asset has the symbol "x"/],
    ['nothing to do', ['refresh', '--alert-on-error'], /Must specify --bars, --emas, or --all/],
    ['a part that does not exist', ['bars', '--alert-on-error', '--only', 'nothing'], /--only knows/],
    ['a command that does not exist', ['refesh', '--bars', '--alert-on-error'], /unknown command 'refesh'/],
  ])('%s: exit 2, and told', async (_what, args, words) => {
    const text = await expectToldOnce(2, args);
    expect(text).toMatch(words);
    await expectRecovery();
  });

  test('a command line that is refused: stdout is what it is without an alert; not of a dry run, nor of another command', async () => {
    const words = async (...args: string[]) => (await expectExit(2, scene.desk.run(args))).stdout;
    expect(await words(...ALERTING, '--tfz')).toBe(await words('refresh', '--bars', '--tfz'));
    expect(scene.takeHeads()).toHaveLength(1);
    await words(...ALERTING, '--dry-run', '--tfx');
    await words('status', '--alert-on-error');
    await expectExit(0, scene.desk.run([...ALERTING, '--help']));
    expect(scene.takeHeads()).toEqual([]);
    writeFileSync(join(scene.desk.folder, 'barwright.config.json'), '{"alertOnError": true}');
    await words('refresh', '--bars', '--tfy');
    expect(scene.takeHeads()).toHaveLength(1);
  });

  test('an exception that nobody catches: reported, with a summary, and the stack in the log', async () => {
    const crash = `if (process.argv[2] === 'refresh') process.on('SIGUSR2', () => { throw new TypeError('boom 7'); });`;
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(crash)}`;
    const release = await holdTable(scene.warehouse.database, 'dim_assets', 'access exclusive');
    let pid = 0;
    const running = scene.desk.run(ALERTING, {
      env: { NODE_OPTIONS },
      onStart: (started) => {
        pid = started;
      },
    });
    await waitForWaiter(scene.warehouse.database);
    process.kill(pid, 'SIGUSR2');
    const { stdout } = await expectExit(1, running);
    await release();
    await waitForSilence(scene.warehouse.database);
    await scene.warehouse.execute('update refresh_lease set expires = now()');
    expect(stdout).toContain('DAILY REFRESH SUMMARY');
    expect(stdout).toContain('[FAILED] barwright crashed: boom 7');
    expect(textsOf(scene.telegram)[0]).toContain('- run: barwright crashed: boom 7');
    const crashed = scene.desk.readLog().find(({ event }) => event === 'crash');
    expect(crashed).toMatchObject({
      level: 'fatal',
      stack: expect.stringMatching(/^TypeError: boom 7\n +at /),
    });
    scene.takeHeads();
  });

  test('kill -9: the next run reports it, once', async () => {
    const release = await holdTable(scene.warehouse.database, 'dim_assets', 'access exclusive');
    let pid = 0;
    const running = scene.desk.run(ALERTING, {
      onStart: (started) => {
        pid = started;
      },
    });
    await waitForWaiter(scene.warehouse.database);
    process.kill(pid, 'SIGKILL');
    await running;
    await release();
    await waitForSilence(scene.warehouse.database);
    expect(scene.takeHeads()).toEqual([]);
    await scene.warehouse.execute('update refresh_lease set expires = now()');
    await expectExit(0, scene.desk.run(ALERTING));
    expect(textsOf(scene.telegram)[0]).toMatch(
      new RegExp(
        `\\(exit 0\\)\n- run: an earlier run came to no end: refresh --bars on .*, process ${pid}, started `,
      ),
    );
    expect(scene.takeHeads()).toHaveLength(1);
    await expectExit(0, scene.desk.run(ALERTING));
    expect(scene.takeHeads()).toEqual([]);
  });

  test('a lease held for minutes is an overlap, one held for hours is reported', async () => {
    const hold = (hours: number) =>
      scene.warehouse.execute(
        `update refresh_lease set token = token + 1, owner = gen_random_uuid(), expires = now() + interval '1 minute',
           info = jsonb_build_object('run', 'r', 'command', 'refresh --all', 'host', 'other', 'pid', 7,
             'startedAt', to_char(now() at time zone 'UTC' - make_interval(hours => ${hours}), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))`,
      );
    await hold(1);
    await expectExit(4, scene.desk.run(ALERTING));
    expect(scene.takeHeads()).toEqual([]);
    await hold(9);
    const text = await expectToldOnce(4, ALERTING);
    expect(text).toMatch(
      /- run: nothing was done: another run has held the lease for 9 hours: refresh --all on other/,
    );
    await scene.warehouse.execute(`update refresh_lease set expires = '-infinity'`);
    await expectRecovery();
  });
});
