import { Command } from 'commander';
import { countOf } from '../../../domain/causes/format.js';
import { WHY_KEPT } from '../../../domain/prices/kept.js';
import { isConfiguredText } from '../../../domain/source/description.js';
import { formatAge } from '../../../domain/text/age.js';
import { UsageError } from '../../../domain/text/errors.js';
import { parseId } from '../../../domain/text/ids.js';
import type { RemedyFlags } from '../../../orchestration/inspect/explain.js';
import type { Explanation, LaggingSeries, Progress } from '../../../orchestration/inspect/explanation.js';
import { explainAsset } from '../../../orchestration/inspect/read-explanation.js';
import { formatHolder } from '../../../orchestration/report/causes-of-report.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../../options/options.js';
import { createTalk } from '../../output/messages.js';
import type { Act } from '../../running/action.js';
import { withDatabase } from '../../running/with-database.js';
import { formatStanding } from '../assets/split.js';

/** `barwright explain ID`: why one asset is in the state that it is in, and what repairs it. Reads only. */
export function explainCommand(act: Act): Command {
  const command = new Command('explain')
    .description('Why one asset is where it is, and the command that would repair it.')
    .argument('<id>', 'Id of the asset, or its symbol');
  return withOptions(command, [...DATABASE_OPTIONS, 'source', 'stalenessHours', 'lateAfter', 'json']).action(
    (id: string, values: OptionValues) => act(runExplain(id, values)),
  );
}

async function runExplain(text: string, values: OptionValues): Promise<number> {
  if (!/^\s*[0-9]+\s*$/.test(text)) throw new UsageError(`explain expects one id like "1", got "${text}"`);
  const talk = createTalk(values.json ?? false);
  const explanation = await withDatabase(values, { talk }, (database) =>
    explainAsset(database, {
      id: parseId(text.trim()),
      source: values.source ?? null,
      stalenessHours: values.stalenessHours ?? null,
      lateAfter: values.lateAfter,
      flags: flagsOf(values),
    }),
  );
  if (values.json) talk.json(explanation);
  else for (const line of formatExplanation(explanation)) talk.say(line);
  return 0;
}

/** Flags that the command to type needs too. A database URL is not among them: it may hold a password. */
function flagsOf({ embedded, dataDir, schema, source }: OptionValues): RemedyFlags {
  return {
    database: [
      ...(embedded ? ['--embedded'] : []),
      ...(dataDir === undefined ? [] : ['--data-dir', quote(dataDir)]),
      ...(schema === 'public' ? [] : ['--schema', quote(schema)]),
    ],
    source: source === undefined || isConfiguredText(source) ? [] : ['--source', quote(source)],
  };
}

/** A word for a shell. */
function quote(word: string): string {
  return /^[\w./:-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function formatExplanation(asset: Explanation): string[] {
  const name = [asset.symbol, asset.name].filter((part) => part !== null).join(' · ');
  const { remedy, lease } = asset;
  return [
    `Asset ${asset.id}${name === '' ? '' : `  ${name}`}: ${asset.standing}`,
    ...(asset.quoteCurrency === null ? [] : [line('prices', `in ${asset.quoteCurrency}`)]),
    ...formatSource(asset),
    ...formatBars(asset),
    ...asset.kept.map(({ reason, days, firstDay, lastDay }) =>
      line('kept', `${countOf(days, 'day')} (${firstDay} to ${lastDay}) ${WHY_KEPT[reason]}`),
    ),
    ...asset.splits.map((split) => line('split', formatStanding(split).replace(/^split /, ''))),
    ...formatProgress('EMAs', asset.emas),
    ...(asset.indicators === undefined ? [] : formatProgress('indicators', asset.indicators)),
    ...formatHistory(asset),
    line('plan', `bars: ${asset.plan.bars.reason}`),
    more(`EMAs: ${formatDerivedPlan(asset.plan, asset.plan.emas)}`),
    ...formatIndicatorPlan(asset.plan),
    line('gate', `EMAs alone: ${formatOpinion(asset.gate.alone)}`),
    more(`bars and EMAs: ${formatOpinion(asset.gate.all)}`),
    ...asset.quarantine.map(formatQuarantine),
    ...formatFindings(asset),
    ...(lease === null ? [] : [line('lease', formatHolder(lease))]),
    remedy.command === null ? remedy.text : `${remedy.text}: ${remedy.command}`,
  ];
}

function formatFindings({ id, findings }: Explanation): string[] {
  const [newest] = findings;
  if (newest === undefined) return [];
  return [
    ...findings.map(({ text }) => line('finding', text)),
    more(`  if it is right: barwright asset accept ${id} --day ${newest.day}`),
  ];
}

function formatQuarantine({ component, failures, reason, since }: Explanation['quarantine'][number]): string {
  const text = `${component}: failed in ${failures} ${failures === 1 ? 'run' : 'runs in a row'}: ${reason}`;
  return since === null ? line('failing', text) : line('skipped', `${text} (quarantined since ${since})`);
}

function formatDerivedPlan({ bars }: Explanation['plan'], { reason }: { reason: string }): string {
  const isFirst = bars.action !== 'none' && bars.action !== 'skip';
  return isFirst ? `${reason}; in a run of both they follow the bars` : reason;
}

function formatIndicatorPlan(plan: Explanation['plan']): string[] {
  if (plan.indicators === null) return [];
  return [more(`indicators: ${formatDerivedPlan(plan, plan.indicators)}`)];
}

const LABEL_WIDTH = 10;

function line(label: string, text: string): string {
  const isLong = label.length >= LABEL_WIDTH;
  return `  ${label.padEnd(LABEL_WIDTH)}${isLong ? ' ' : ''}${text}`;
}

function more(text: string): string {
  return line('', text);
}

function formatSource({ source, waitingRows, lagDays, notes }: Explanation): string[] {
  const how = source.isTracked ? 'changes are noted by triggers' : 'changes are found by fingerprints';
  const lines = [line('source', `${source.relation}, ${how}`)];
  if (source.newestTs === null) lines.push(more('no rows up to now'));
  else {
    const lag = lagDays === null ? '' : `, lag ${countOf(lagDays, 'day')}`;
    lines.push(
      more(
        `${countOf(source.rows, 'row')}, ${dayOf(source.firstTs)} to ${dayOf(source.newestTs)}; ${waitingRows} waiting${lag}`,
      ),
    );
  }
  if (source.future !== null)
    lines.push(
      more(
        `${countOf(source.future.rows, 'row')} dated in the future, up to ${dayOf(source.future.newestTs)}`,
      ),
    );
  if (notes.count > 0) lines.push(more(`notes of change waiting: ${notes.count}`));
  for (const note of notes.newest)
    lines.push(
      more(`  ${note.from} to ${note.to}: ${OPS[note.op] ?? note.op} ${note.rows}, filed ${note.filedAt}`),
    );
  return lines;
}

const OPS: Readonly<Record<string, string>> = {
  I: 'inserted',
  U: 'updated',
  D: 'deleted',
  T: 'emptied of',
  F: 'to be compared:',
};

function formatBars({ freshness, calendar, dailyBars, bars }: Explanation): string[] {
  const { reason, lastSrcTs, stalenessHours, limitHours } = freshness;
  const age = stalenessHours === null ? '' : `: ${formatAge(stalenessHours)} old (limit ${limitHours} h)`;
  const lines = [line('1D bars', `${reason}${age}, read up to ${lastSrcTs ?? '(nothing)'}`)];
  if (dailyBars?.firstDay != null)
    lines.push(more(`${countOf(dailyBars.bars, 'bar')}, ${dailyBars.firstDay} to ${dailyBars.lastDay}`));
  else if (dailyBars !== null) lines.push(more('no day was accepted'));
  if (dailyBars !== null)
    lines.push(
      more(
        dailyBars.provenAt === null
          ? 'not compared with the source since it was built'
          : `compared with the source ${dailyBars.provenAt}`,
      ),
    );
  if (calendar !== null) lines.push(line('calendar', formatCalendarState(calendar)));
  return [...lines, ...formatProgress('bars', bars)];
}

function formatCalendarState({
  name,
  state,
  missingDays,
  firstMissing,
}: NonNullable<Explanation['calendar']>): string {
  if (missingDays === 0) return `${name}: ${state}`;
  return `${name}: ${state}, ${countOf(missingDays, 'day')} missing from ${firstMissing} on`;
}

function formatProgress(label: string, progress: Progress): string[] {
  const { alignments, watermark, laggingSeries, lagging } = progress;
  const isEven =
    laggingSeries === 0 &&
    alignments.every(({ day, repairFrom }) => day === watermark && repairFrom === null);
  if (isEven) {
    const series = alignments.reduce((sum, each) => sum + each.series, 0);
    return [line(label, watermark === null ? 'not built yet' : `all ${series} series up to ${watermark}`)];
  }
  const lines = alignments.map(({ alignment, series, day, repairFrom, lagging: late }) => {
    const repair = repairFrom === null ? '' : `, waits for repair from ${repairFrom}`;
    const lag = late === 0 ? '' : `, ${late} of ${series} series lag`;
    return `${alignment.padEnd(14)} ${day === null ? 'not built yet' : `up to ${day}`}${repair}${lag}`;
  });
  if (laggingSeries > 0) lines.push(`lagging: ${formatLagging(lagging, laggingSeries)}`);
  return lines.map((text, index) => line(index === 0 ? label : '', text));
}

function formatLagging(lagging: readonly LaggingSeries[], count: number): string {
  const named = lagging.map(({ alignment, tf, day }) => `${alignment} ${tf} (${day ?? 'not built'})`);
  return [...named, ...(count > named.length ? [`and ${count - named.length} more`] : [])].join(', ');
}

function formatHistory({ lastRun, lastWork, rejects, gaps }: Explanation): string[] {
  const lines: string[] = [];
  if (lastRun === null) lines.push(line('runs', 'none yet'));
  else lines.push(line('runs', `newest: ${lastRun.command}, ${lastRun.startedAt}, ${formatEnd(lastRun)}`));
  for (const work of lastWork)
    lines.push(
      more(`${work.component}: ${work.status}, ${work.reason} (${work.command}, ${work.startedAt})`),
    );
  for (const { action, reason, count } of rejects.counts) {
    const newest = rejects.newest.filter((each) => each.action === action && each.reason === reason);
    const dates = newest.length === 0 ? '' : `, newest ${newest.map(({ ts }) => dayOf(ts)).join(', ')}`;
    lines.push(line(action, `${reason}: ${count}${dates}`));
  }
  if (gaps.count > 0) {
    const spans = gaps.newest.map(formatGap);
    const rest = gaps.count > spans.length ? [`and ${gaps.count - spans.length} more`] : [];
    lines.push(
      line(
        'gaps',
        `${countOf(gaps.days, 'day')} without a bar, newest first: ${[...spans, ...rest].join(', ')}`,
      ),
    );
  }
  return lines;
}

function formatEnd({ status, exitCode }: NonNullable<Explanation['lastRun']>): string {
  return exitCode === null ? status : `${status} (exit ${exitCode})`;
}

function formatGap(gap: Explanation['gaps']['newest'][number]): string {
  const { firstDay, lastDay, refusedRows, isShared } = gap;
  const span = firstDay === lastDay ? firstDay : `${firstDay} to ${lastDay}`;
  const remarks = [
    ...(refusedRows === 0 ? [] : [`${countOf(refusedRows, 'row')} refused`]),
    ...(isShared ? ['nearly all assets of its calendar lack it'] : []),
  ];
  return remarks.length === 0 ? span : `${span} (${remarks.join(', ')})`;
}

function formatOpinion({ passes, reason }: Explanation['gate']['alone']): string {
  return passes ? `would pass, ${reason}` : `would be skipped, ${reason}`;
}

function dayOf(ts: string | null): string {
  return ts?.slice(0, 10) ?? '-';
}
