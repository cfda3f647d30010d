import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Command } from 'commander';
import { type RestoredAsset, rebuildStates } from '../../../components/states/rebuild-states.js';
import { parseIdList } from '../../../domain/text/ids.js';
import { type InterruptSignal, SIGNAL_EXIT_CODES } from '../../../orchestration/processes/signals.js';
import { formatHolder } from '../../../orchestration/report/causes-of-report.js';
import { underLease } from '../../../orchestration/run/under-lease.js';
import type { Database } from '../../../storage/session/database.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../../options/options.js';
import { createTalk, type Talk } from '../../output/messages.js';
import type { Act } from '../../running/action.js';
import { chooseAssets, labelOf } from '../../running/choose-assets.js';
import { catchInterrupts } from '../../running/interrupts.js';
import { withDatabase } from '../../running/with-database.js';

/** `barwright state rebuild`: restores states that were lost or damaged. */
export function stateCommand(act: Act): Command {
  const rebuild = new Command('rebuild').description(
    'Restore lost or damaged states from 1D bars, closed bars and EMA points; rows that are right are not written.',
  );
  return new Command('state')
    .description('Repair what a refresh continues from.')
    .addCommand(
      withOptions(rebuild, ['ids', ...DATABASE_OPTIONS, 'source', 'dryRun', 'json']).action(
        (values: OptionValues) => act(runRebuild(values)),
      ),
    );
}

async function runRebuild(values: OptionValues): Promise<number> {
  const talk = createTalk(values.json ?? false);
  const ids = parseIdList(values.ids);
  const interrupts = catchInterrupts();
  try {
    return await withDatabase(values, { talk, isWriting: true }, async (database) => {
      const assets = await chooseAssets(database, ids);
      const labels = new Map(assets.map((asset) => [asset.id, labelOf(asset)]));
      const restored: RestoredAsset[] = [];
      const isDryRun = values.dryRun ?? false;
      const scope = { ids: [...labels.keys()], source: values.source ?? null, isDryRun };
      const heldBy = await rebuild(database, { ...scope, interrupt: interrupts.signal }, (asset) => {
        restored.push(asset);
        sayRestored(talk, asset, { label: labels.get(asset.id) ?? '', isDryRun });
      });
      if (heldBy !== null) talk.say(`[FAILED] ${heldBy}; nothing was restored`);
      if (values.json) talk.json({ version: 1, isDryRun, heldBy, assets: restored });
      if (interrupts.signal.aborted) return SIGNAL_EXIT_CODES[interrupts.signal.reason as InterruptSignal];
      return heldBy !== null ? 4 : restored.every(isMended) ? 0 : 1;
    });
  } finally {
    interrupts.release();
  }
}

interface RebuildScope {
  ids: readonly number[];
  source: string | null;
  isDryRun: boolean;
  interrupt: AbortSignal;
}

/** Under the lease, without it for a dry run; returns its holder when another run has it. */
async function rebuild(
  database: Database,
  { interrupt, ...scope }: RebuildScope,
  emit: (asset: RestoredAsset) => void,
): Promise<string | null> {
  if (scope.isDryRun) {
    await rebuildStates(database, { ...scope, lease: null, signal: interrupt }, emit).catch(
      unless(interrupt),
    );
    return null;
  }
  const startedAt = new Date().toISOString();
  const info = { run: randomUUID(), command: 'state rebuild', host: hostname(), pid: process.pid, startedAt };
  const held = await underLease(database, { info, interrupt }, (lease, signal) =>
    rebuildStates(database, { ...scope, lease, signal }, emit).catch(unless(interrupt)),
  );
  return held === null ? null : formatHolder(held);
}

/** An interrupt ends the work between two assets: that is its exit code, not a failure. */
function unless(interrupt: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (!interrupt.aborted) throw error;
  };
}

function isMended({ error, remaining }: RestoredAsset): boolean {
  return error === null && remaining.length === 0;
}

function sayRestored(
  talk: Talk,
  asset: RestoredAsset,
  { label, isDryRun }: { label: string; isDryRun: boolean },
): void {
  const { id, restored, remaining, error, waiting, isSourceOther } = asset;
  const tables = Object.entries(restored).map(([table, rows]) => `${table} ${rows}`);
  const verb = isDryRun ? 'would restore' : 'restored';
  const what = tables.length === 0 ? 'every state is right' : `${verb} ${tables.join(', ')}`;
  const remedy = `"barwright refresh --all --full-rebuild --ids ${id}" makes the data again`;
  if (error !== null) talk.say(`[FAILED] ${label} ${error}; ${remedy}`);
  else if (remaining.length > 0) talk.say(`[FAILED] ${label} ${what}; ${remaining.join(', ')}: ${remedy}`);
  else talk.say(`${isDryRun ? '[DRY RUN]' : '[OK]'} ${label} ${what}`);
  if (isSourceOther)
    talk.say(`    [INFO] its 1D bars are not what the source makes: the next refresh takes that in`);
  for (const { alignment, waitsFor } of waiting)
    talk.say(`    [INFO] EMAs of ${alignment} were left alone: they wait for ${waitsFor}`);
}
