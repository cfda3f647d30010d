import { Command } from 'commander';
import { type Serving, startServing } from '../../../web/serve.js';
import { databaseOf } from '../../options/database.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../../options/options.js';
import { createTalk } from '../../output/messages.js';
import type { Act } from '../../running/action.js';
import { catchInterrupts } from '../../running/interrupts.js';

/** `barwright serve`: the dashboard, until it is interrupted. */
export function serveCommand(act: Act): Command {
  const command = new Command('serve').description(
    'Show freshness, runs, charts and plans as pages, on 127.0.0.1 and reading only (see docs/tasks/dashboard.md).',
  );
  return withOptions(command, [
    'host',
    'port',
    'allowRun',
    'allowedHosts',
    ...DATABASE_OPTIONS,
    'source',
    'stalenessHours',
    'lateAfter',
  ]).action((values: OptionValues) => act(runServe(values)));
}

async function runServe(values: OptionValues): Promise<number> {
  const talk = createTalk(false);
  const interrupts = catchInterrupts();
  try {
    const serving = await startServing({
      ...databaseOf(values),
      source: values.source ?? null,
      stalenessHours: values.stalenessHours ?? null,
      lateAfter: values.lateAfter,
      host: values.host ?? '127.0.0.1',
      port: values.port ?? 0,
      allowRun: values.allowRun ?? false,
      allowedHosts: values.allowedHosts ?? [],
      token: process.env.BARWRIGHT_TOKEN?.trim() || null,
    });
    for (const warning of serving.warnings) talk.say(`[WARNING] ${warning}`);
    announce(serving, values.allowRun ?? false);
    await untilAborted(interrupts.signal);
    const pid = await serving.close();
    if (pid !== null) talk.say(`[INFO] the refresh that was started here continues as process ${pid}`);
    talk.say('[OK] no longer served');
    return 0;
  } finally {
    interrupts.release();
  }
}

/** The token is said here and nowhere else, past everything that hides secrets. */
function announce({ url, token, isTokenMade }: Serving, isRunAllowed: boolean): void {
  const lines = [
    `Dashboard: ${url}  (${isRunAllowed ? 'may start refreshes' : 'reads only'}; Ctrl-C ends it)`,
    ...(token === null ? [] : [isTokenMade ? `Token: ${token}` : 'Token: the one in BARWRIGHT_TOKEN']),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
