import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { formatGrace } from '../../../domain/calendar/lateness.js';
import { UsageError } from '../../../domain/text/errors.js';
import { findChannels } from '../../../orchestration/alerts/channels.js';
import { DEFAULT_MAX_AGE_HOURS } from '../../../orchestration/inspect/check.js';
import { type InterruptSignal, SIGNAL_EXIT_CODES } from '../../../orchestration/processes/signals.js';
import { describeError } from '../../../orchestration/program/describe-error.js';
import { pingWatcher, ScheduleAlerts } from '../../../orchestration/schedule/alert-about-round.js';
import { type RoundPlan, type RoundResult, runRound } from '../../../orchestration/schedule/round.js';
import {
  findNextDue,
  parseTimetable,
  startTimetable,
  type Timetable,
} from '../../../orchestration/schedule/when.js';
import { resolveDatabaseUrl } from '../../../storage/settings/database-url.js';
import { argumentsOf } from '../../options/option-arguments.js';
import { DATABASE_OPTIONS, type OptionName, type OptionValues, withOptions } from '../../options/options.js';
import { createTalk, type Talk } from '../../output/messages.js';
import type { Act } from '../../running/action.js';
import { catchInterrupts } from '../../running/interrupts.js';

const PLACE = ['embedded', 'dataDir', 'schema'] as const satisfies readonly OptionName[];
/** Handed on to each refresh. */
const REFRESH = [
  'source',
  'continueOnError',
  'numProcesses',
  'timeout',
  'strict',
  'allowLate',
  'quiet',
  'alertExec',
  'logFile',
  'noLogFile',
  'metricsFile',
] as const satisfies readonly OptionName[];

/** `barwright schedule`: ingest, refresh, validate, alert and the dead-man's question, every day at a time. */
export function scheduleCommand(act: Act): Command {
  const command = new Command('schedule').description('Refresh every day at a time, until it is stopped.');
  return withOptions(command, [
    ...(['at', 'cron', 'timezone', 'now', 'ingestFiles', 'fetch', 'skipBadRows'] as const),
    ...DATABASE_OPTIONS,
    ...REFRESH,
    'lateAfter',
    ...(['maxAge', 'allowSkipped', 'roundTimeout', 'json'] as const),
  ]).action((values: OptionValues) => {
    // Of two times, the one that was typed wins over the one in a file.
    if (values.cron !== undefined && command.getOptionValueSource('at') === 'config') delete values.at;
    if (values.at !== undefined && command.getOptionValueSource('cron') === 'config') delete values.cron;
    return act(runSchedule(values));
  });
}

/** The steps with their arguments. A URL that was typed is passed on by the environment: arguments can be read by everybody. */
function planOf(values: OptionValues, hasChannels: boolean): RoundPlan {
  const place = argumentsOf(PLACE, values);
  const privateArgs = argumentsOf(['dbUrl'], values);
  const files = values.ingest ?? [];
  const alert = hasChannels ? ['--alert-on-error'] : [];
  const maxAge = ['--max-age', String(values.maxAge ?? DEFAULT_MAX_AGE_HOURS)];
  const late = values.lateAfter === undefined ? [] : ['--late-after', formatGrace(values.lateAfter)];
  const badRows = argumentsOf(['skipBadRows'], values);
  const named = (step: string, ...args: string[]) => ({
    step,
    command: { args: [...args, ...place], privateArgs },
  });
  return {
    timeoutMs: (values.roundTimeout ?? 0) * 1000,
    steps: [
      ...(files.length > 0 ? [named('ingest', 'ingest', ...files, ...badRows)] : []),
      ...(values.fetch ?? []).map(({ exchange, symbol, id }) => {
        const isApi = exchange === null || symbol === null;
        const from = isApi ? ['--coinmarketcap'] : ['--exchange', exchange, '--symbol', symbol];
        const name = isApi ? `coinmarketcap:${id}` : `${exchange}:${symbol}:${id}`;
        return named(`ingest ${name}`, 'ingest', ...from, '--id', String(id), ...badRows);
      }),
      named('refresh', 'refresh', '--all', '--validate', ...alert, ...late, ...argumentsOf(REFRESH, values)),
      // A seventh of the assets each day, as a refresh compares a seventh of the sources.
      named('verify', 'verify', '--sample', '15'),
      named(
        'check',
        'check',
        '--whole',
        ...maxAge,
        ...late,
        ...argumentsOf(['source', 'allowSkipped', 'allowLate'], values),
      ),
    ],
  };
}

async function runSchedule(values: OptionValues): Promise<number> {
  const timetable = parseTimetable({ at: values.at, cron: values.cron, timezone: values.timezone ?? 'UTC' });
  // A job that has lost its configuration must fail when it begins, not at six in the morning.
  const talk = createTalk(values.json ?? false);
  if (!values.embedded && (values.dbUrl !== undefined || process.env.BARWRIGHT_DB !== 'embedded'))
    warnOfTypedUrl(values, talk);
  const { channels, warnings } = findChannels(process.env, values.alertExec);
  for (const warning of warnings) talk.say(`[WARNING] ${warning.replace('--alert-on-error', 'schedule')}`);
  const missing = (values.ingest ?? []).filter((path) => !existsSync(path));
  if (missing.length > 0)
    throw new UsageError(
      `--ingest names what is not there: ${missing.join(', ')}; make the folder, or correct the path (it is meant from ${process.cwd()})`,
    );
  const alerts = new ScheduleAlerts(values.alertExec);
  const keeper = new RoundKeeper(planOf(values, channels.length > 0), { timetable, talk, alerts });
  return keeper.run(values.now ?? false);
}

/** Throws UsageError when no database is named. What is typed is seen here and in no step; the rest each step says itself. */
function warnOfTypedUrl({ dbUrl }: OptionValues, talk: Talk): void {
  const { warnings } = resolveDatabaseUrl({ ...(dbUrl !== undefined && { cliDbUrl: dbUrl }) });
  if (dbUrl !== undefined) for (const warning of warnings) talk.say(`[WARNING] ${warning}`);
}

/** Begins rounds, one at a time, until a signal comes. */
class RoundKeeper {
  readonly #plan: RoundPlan;
  readonly #timetable: Timetable;
  readonly #talk: Talk;
  readonly #alerts: ScheduleAlerts;
  readonly #interrupts = catchInterrupts();
  #inHand: { due: Date; ended: Promise<void> } | null = null;
  /** A round was cut short by the signal that ends everything. */
  #isCut = false;

  constructor(
    plan: RoundPlan,
    { timetable, talk, alerts }: { timetable: Timetable; talk: Talk; alerts: ScheduleAlerts },
  ) {
    this.#plan = plan;
    this.#alerts = alerts;
    this.#timetable = timetable;
    this.#talk = talk;
  }

  /** Until a signal comes: 0 when nothing was running, else the signal's code. */
  async run(isBegunNow: boolean): Promise<number> {
    const { signal } = this.#interrupts;
    this.#talk.say(`[INFO] schedule: ${this.#timetable.words}; next round ${this.#nextWords()}`);
    const jobs = startTimetable(this.#timetable, (due) => this.#begin(due));
    // A pending signal keeps no process alive; when a pattern is never due again, this does.
    const beat = setInterval(() => {}, 2 ** 30);
    if (isBegunNow) this.#begin(new Date());
    if (!signal.aborted)
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    jobs.stop();
    clearInterval(beat);
    const name = signal.reason as InterruptSignal;
    this.#talk.say(
      `[INFO] ${name}: ${this.#inHand === null ? 'no round is running' : 'ending the running round'}`,
    );
    await this.#inHand?.ended;
    this.#interrupts.release();
    this.#talk.say('[INFO] schedule has ended');
    return this.#isCut ? SIGNAL_EXIT_CODES[name] : 0;
  }

  #nextWords(): string {
    return findNextDue(this.#timetable, new Date())?.toISOString() ?? 'never';
  }

  #begin(due: Date): void {
    if (this.#interrupts.signal.aborted) return;
    if (this.#inHand !== null) {
      const since = this.#inHand.due.toISOString();
      this.#talk.say(
        `[WARNING] the round of ${due.toISOString()} is left out: the one of ${since} is still going`,
      );
      return;
    }
    // Whatever goes wrong in a round, the next one has its chance.
    const ended = this.#runRound(due)
      .catch((error: unknown) => this.#talk.say(`[FAILED] the round broke off: ${describeError(error)}`))
      .finally(() => {
        this.#inHand = null;
      });
    this.#inHand = { due, ended };
  }

  async #runRound(due: Date): Promise<void> {
    const { signal } = this.#interrupts;
    const talk = this.#talk;
    talk.say(`[INFO] the round of ${due.toISOString()} begins`);
    const write = (text: string) => talk.stream.write(text);
    const round = await runRound(this.#plan, due, { write, interrupt: signal });
    this.#isCut = round.isInterrupted;
    const warnings = await this.#alerts.alert(round, Date.now(), signal);
    const isWell = round.steps.some(({ step, end }) => step === 'check' && end.exitCode === 0);
    const refusal = isWell ? await pingWatcher(signal) : null;
    for (const warning of [...warnings, ...(refusal === null ? [] : [refusal])])
      talk.say(`[WARNING] ${warning}`);
    const next = signal.aborted ? '' : `; next round ${this.#nextWords()}`;
    talk.say(`${describeRound(round)}${next}`);
    if (talk.isJson) process.stdout.write(`${JSON.stringify({ version: 1, ...round })}\n`);
  }
}

function describeRound({ dueAt, durationSec, steps, isGood, isInterrupted }: RoundResult): string {
  const tag = isGood ? '[OK]' : '[FAILED]';
  const words = steps.map(
    ({ step, end, trouble }) => trouble ?? `${step} exit ${end.exitCode ?? end.signal}`,
  );
  const how = isInterrupted ? 'was interrupted' : 'ended';
  return `${tag} the round of ${dueAt} ${how} after ${durationSec.toFixed(1)} s: ${words.join(', ')}`;
}
