import { type Day, formatDay } from '../../../domain/calendar/day.js';
import type { Named } from './judge-written.js';
import { formatNamed } from './sources.js';
import { formatBadLine, type IngestReport } from './staging.js';

const MOST_LISTED = 5;

/** The report of one file or fetch for people: one line of figures, then what they should know. No colours, no line end. */
export function formatIngestReport(report: IngestReport): string {
  const { stored } = report;
  const { records, whole } = formatNamed(report.format).words;
  const lines = [
    `[OK] ${report.file} -> ${formatAsset(report)}`,
    `     ${report.lines} ${records} read: ${report.newRows} new, ${report.changedRows} changed, ${report.unchangedRows} unchanged, ${report.badLines} bad, ${report.duplicates} duplicate`,
    `     days in the ${whole}: ${formatDays(report.firstDay, report.lastDay)}; stored: ${formatDays(stored.firstDay, stored.lastDay)} (${stored.days} days)`,
  ];
  if (!report.label.startsWith('CoinMarketCap') && report.format !== 'candles')
    lines.push(`     read as ${report.label}`);
  if (report.earliestChangedDay !== null) {
    lines.push(`     earliest day written: ${formatDay(report.earliestChangedDay)}`);
  }
  for (const { sourceFile, rows } of report.replaced) {
    lines.push(
      `     ${rows} of the changed days had come from ${sourceFile ?? 'an unnamed source'}: this ${whole} wins`,
    );
  }
  lines.push(
    ...report.notes,
    ...formatJudged(report),
    ...formatFuture(report),
    ...formatGaps(report),
    ...formatDuplicates(report),
    ...formatBad(report),
  );
  return lines.join('\n');
}

function formatAsset({ asset }: IngestReport): string {
  const facts = [asset.symbol, `id ${asset.id}`].filter((fact) => fact !== null).join(', ');
  return asset.name === null ? facts : `${asset.name} (${facts})`;
}

function formatDays(first: Day | null, last: Day | null): string {
  if (first === null || last === null) return 'none';
  return first === last ? formatDay(first) : `${formatDay(first)} to ${formatDay(last)}`;
}

function formatGaps({ stored }: IngestReport): string[] {
  if (stored.gapDays === 0) return ['     gaps: none'];
  const shown = stored.firstGaps.slice(0, MOST_LISTED);
  const shownDays = shown.reduce((sum, gap) => sum + gap.lastDay - gap.firstDay + 1, 0);
  const names = shown.map((gap) => formatDays(gap.firstDay, gap.lastDay));
  if (shownDays < stored.gapDays) names.push(`and ${stored.gapDays - shownDays} more days`);
  return [`[WARNING] gaps: ${stored.gapDays} calendar days without a price: ${names.join(', ')}`];
}

function formatFuture({ future }: IngestReport): string[] {
  if (future === null) return [];
  const which = future.days === 1 ? '1 day lies' : `${future.days} days lie`;
  return [
    `[WARNING] ${which} in the future (${formatDays(future.firstDay, future.lastDay)}): a day counts when it is over; correct the file if its dates are wrong`,
  ];
}

function formatDuplicates({ format, duplicates, firstDuplicates }: IngestReport): string[] {
  if (duplicates === 0) return [];
  const { records, record } = formatNamed(format).words;
  const shown = firstDuplicates.slice(0, MOST_LISTED);
  const names = shown.map(
    ({ droppedLine, keptLine, isOther }) =>
      `${droppedLine} (${keptLine} is kept${isOther ? ', which has other values' : ''})`,
  );
  if (shown.length < duplicates) names.push(`and ${duplicates - shown.length} more`);
  return [
    `[WARNING] ${duplicates === 1 ? `1 ${record} repeats` : `${duplicates} ${records} repeat`} the timestamp of an earlier ${record}: ${names.join(', ')}`,
  ];
}

function formatJudged({ asset, judged }: IngestReport): string[] {
  const lineOf = (text: string) => `[WARNING] ID ${asset.id} ${text}`;
  const listOf = ({ first, count }: Named, rest: (more: number) => string) => {
    const shown = first.slice(0, MOST_LISTED).map(lineOf);
    return count > shown.length ? [...shown, `[WARNING] ${rest(count - shown.length)}`] : shown;
  };
  return [
    ...listOf(
      judged.findings,
      (more) =>
        `and ${more} more days that are not plausible: "barwright asset findings ${asset.id}" lists them after the next refresh`,
    ),
    ...listOf(
      judged.rejects,
      (more) =>
        `and ${more} more refused or repaired: after the next refresh "barwright explain ${asset.id}" counts them`,
    ),
  ];
}

function formatBad({ file, format, badLines, firstBad }: IngestReport): string[] {
  const lines = firstBad.map((bad) => `[WARNING] ${formatBadLine({ file, format }, bad)}: left out`);
  const more = badLines - firstBad.length;
  if (more > 0) lines.push(`[WARNING] and ${more} more bad ${formatNamed(format).words.records}`);
  return lines;
}
