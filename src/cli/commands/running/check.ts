import { Command } from 'commander';
import { checkLastRun, DEFAULT_MAX_AGE_HOURS } from '../../../orchestration/inspect/check.js';
import { databaseOf } from '../../options/database.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../../options/options.js';
import { createTalk } from '../../output/messages.js';
import type { Act } from '../../running/action.js';
import { latenessOf } from './refresh.js';

/** `barwright check`: the dead-man's handle, for cron, systemd and container probes. */
export function checkCommand(act: Act): Command {
  const command = new Command('check').description(
    'Exit 1 when the last good run is too long ago, or a source is late.',
  );
  return withOptions(command, [
    'maxAge',
    'allowSkipped',
    'whole',
    'lateAfter',
    'allowLate',
    ...DATABASE_OPTIONS,
    'source',
    'json',
  ]).action((values: OptionValues) => act(runCheck(values)));
}

async function runCheck(values: OptionValues): Promise<number> {
  const talk = createTalk(values.json ?? false);
  const report = await checkLastRun({
    ...databaseOf(values),
    maxAgeHours: values.maxAge ?? DEFAULT_MAX_AGE_HOURS,
    allowSkipped: values.allowSkipped ?? false,
    isWhole: values.whole ?? false,
    ...latenessOf(values),
    source: values.source ?? null,
  });
  if (values.json) talk.json(report);
  else talk.say(`${report.isGood ? '[OK]' : '[FAILED]'} ${report.verdict}`);
  return report.isGood ? 0 : 1;
}
