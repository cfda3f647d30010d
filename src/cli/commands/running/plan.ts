import { Command } from 'commander';
import { COMPONENTS } from '../../../domain/planning/outcome.js';
import type { PlannedAsset } from '../../../orchestration/report/refresh-report.js';
import { planRefresh } from '../../../orchestration/run/dry-run.js';
import { REFRESH_OPTIONS } from '../../options/option-sets.js';
import { type OptionValues, withOptions } from '../../options/options.js';
import { createTalk } from '../../output/messages.js';
import type { Act } from '../../running/action.js';
import { requestOf } from './refresh.js';

/** `barwright plan`: what a refresh with these options would do to every asset, and why. Reads only. */
export function planCommand(act: Act): Command {
  const command = new Command('plan').description(
    'What a refresh would do to every asset, and why (default: --all). Writes nothing.',
  );
  return withOptions(command, [...REFRESH_OPTIONS, 'lateAfter', 'json']).action((values: OptionValues) =>
    act(runPlan(values)),
  );
}

async function runPlan(values: OptionValues): Promise<number> {
  const talk = createTalk(values.json ?? false);
  const isNothingNamed = !values.bars && !values.emas && !values.indicators;
  const plan = await planRefresh(requestOf(isNothingNamed ? { ...values, all: true } : values));
  if (values.json) talk.json({ version: 1, plan });
  else for (const line of formatPlan(plan)) talk.say(line);
  return 0;
}

/** What is to be done, asset by asset, what would fail first; the rest is counted. */
function formatPlan(plan: readonly PlannedAsset[]): string[] {
  if (plan.length === 0) return ['no assets: nothing to do'];
  const idWidth = Math.max(...plan.map(({ id }) => String(id).length));
  return COMPONENTS.flatMap((component) => {
    const assets = plan.filter((asset) => asset.component === component);
    if (assets.length === 0) return [];
    const waiting = assets.filter(({ action }) => action !== 'none');
    const inOrder = [...waiting.filter(({ fails }) => fails), ...waiting.filter(({ fails }) => !fails)];
    const lines = inOrder.map(
      (asset) => `  ${String(asset.id).padStart(idWidth)}  ${wordOf(asset).padEnd(7)}  ${asset.reason}`,
    );
    return [`${component}: ${countActions(assets)}`, ...lines];
  });
}

/** "1 fail, 2 append, 497 up to date". */
function countActions(assets: readonly PlannedAsset[]): string {
  const counts = new Map<string, number>();
  for (const asset of assets) counts.set(wordOf(asset), (counts.get(wordOf(asset)) ?? 0) + 1);
  const ordered = WORDS.filter((word) => counts.has(word));
  return ordered.map((word) => `${counts.get(word)} ${word}`).join(', ');
}

const WORDS = ['fail', 'rebuild', 'repair', 'append', 'skip', 'up to date'];

function wordOf({ action, fails }: PlannedAsset): string {
  if (fails) return 'fail';
  return action === 'none' ? 'up to date' : action;
}
