/** One run as one HTML file: no script, nothing loaded from anywhere, everything from outside shown as text. */
import { html, raw } from 'hono/html';
import type { Grace } from '../../domain/calendar/lateness.js';
import { formatAssets } from '../../domain/causes/format.js';
import { UsageError } from '../../domain/text/errors.js';
import { printable } from '../../domain/text/printable.js';
import { createHide, hideIn } from '../../orchestration/program/secrets.js';
import type { Database } from '../../storage/session/database.js';
import { readSource } from '../../storage/source/source.js';
import { NotFoundError } from '../answers/errors.js';
import { readFreshness } from '../answers/freshness.js';
import { readRun, readRuns } from '../answers/runs.js';
import type { FreshnessResponse } from '../api/api-freshness-types.js';
import type { RunResponse, RunSummary } from '../api/api-types.js';
import { chartOfRuns } from './report-chart.js';
import { STYLE } from './report-style.js';

export interface ReportScope {
  /** An id, the beginning of one, or "last". */
  run: string;
  source: string | null;
  stalenessHours: number | null;
  lateAfter?: Grace | undefined;
}

interface ReportFacts {
  run: RunResponse['run'];
  /** The newest runs up to this one, the oldest first. */
  before: RunSummary[];
  freshness: FreshnessResponse;
}

/** Runs in the chart. */
const MOST_RUNS = 30;
/** More rows than this are too many for a mail. */
const MOST_ROWS = 500;

type Html = ReturnType<typeof html>;

/** The file. Throws UsageError where there is no such run. */
export async function renderReport(database: Database, scope: ReportScope): Promise<string> {
  const facts = await readFacts(database, scope).catch((error: unknown) => {
    throw error instanceof NotFoundError ? new UsageError(error.message) : error;
  });
  const hide = createHide();
  const shown = hideIn(facts, (text) => printable(hide(text))) as ReportFacts;
  return String(await pageOf(shown));
}

function readFacts(
  database: Database,
  { run, source, stalenessHours, lateAfter }: ReportScope,
): Promise<ReportFacts> {
  return database.read(async (tx) => {
    const found = await readRun(tx, run);
    const { runs } = await readRuns(tx, { limit: MOST_RUNS - 1, before: found.run.run });
    return {
      run: found.run,
      before: [...runs].reverse(),
      freshness: await readFreshness(tx, {
        source: await readSource(tx, source),
        limitHours: stalenessHours,
        grace: lateAfter,
      }),
    };
  });
}

function pageOf({ run, before, freshness }: ReportFacts): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>barwright: ${run.command}, ${timeText(run.startedAt)}, ${run.status}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<main>
<h1>${run.command} <span class="tag ${run.status}">${run.status}</span></h1>
${summaryOf(run)}
${causesOf(run)}
${componentsOf(run)}
<h2>Duration of the last ${before.length + 1} runs</h2>
${chartOfRuns([...before, run])}
<h2>Freshness</h2>
${freshnessOf(freshness)}
<h2>Slowest assets</h2>
${slowestOf(run)}
<h2>Failed and skipped assets</h2>
${undoneOf(run)}
</main>
<footer>Run ${run.run} on ${run.host}, barwright ${run.version}. All times are UTC.</footer>
</body>
</html>
`;
}

function summaryOf(run: ReportFacts['run']): Html {
  const facts: [string, string][] = [
    ['started', timeText(run.startedAt)],
    ['took', run.durationSec === null ? 'no end yet' : secondsText(run.durationSec)],
    ['prices as of', timeText(run.asOf)],
    ['assets', `${run.ok} ok, ${run.failed} failed, ${run.skipped} skipped`],
    ['rows written', numberText(run.rowsWritten)],
    ['exit code', run.exitCode === null ? '-' : String(run.exitCode)],
  ];
  return html`<p class="verdict">${run.verdict ?? (run.status === 'died' ? 'Its process ended silently.' : 'It has no end yet.')}</p>
${run.error === null ? '' : html`<p class="error">${run.error}</p>`}
<dl>${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function tableOf(heads: readonly string[], rows: readonly (readonly (string | Html)[])[]): Html {
  return html`<div class="wide"><table><thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody></table></div>`;
}

function componentsOf({ stages }: ReportFacts['run']): Html {
  if (stages.length === 0) return html`<p>Nothing is recorded of its components.</p>`;
  const heads = [
    'component',
    'outcome',
    'ok',
    'failed',
    'skipped',
    'rows needed',
    'written',
    'took',
    'usually',
  ];
  return tableOf(
    heads,
    stages.map((stage) => [
      stage.error === null
        ? stage.component
        : html`${stage.component}<br><span class="error">${stage.error}</span>`,
      html`<span class="tag ${stage.status}">${stage.status}</span>`,
      ...[stage.ok, stage.failed, stage.skipped, stage.rowsNeeded, stage.rowsWritten].map(numberText),
      secondsText(stage.durationSec),
      stage.medianSec === null ? '-' : secondsText(stage.medianSec),
    ]),
  );
}

function freshnessOf({ now, limitHours, statuses, tables, cells, assets }: FreshnessResponse): Html {
  const used = statuses.filter((_, index) => tables.some(({ key }) => cells[key].status.includes(index)));
  const count = (key: keyof typeof cells, status: string) =>
    cells[key].status.filter((each) => statuses[each] === status).length;
  return html`<p>${numberText(assets.id.length)} ${assets.id.length === 1 ? 'asset' : 'assets'} at ${timeText(now)}; ${limitHours === null ? 'what lacks expected days of its calendar is late' : `older than ${limitHours} hours is stale`}.</p>
${tableOf(
  ['table', ...used.map((status) => status.replace('_', ' '))],
  tables.map(({ key, label }) => [label, ...used.map((status) => numberText(count(key, status)))]),
)}`;
}

function slowestOf({ slowest }: ReportFacts['run']): Html {
  if (slowest.length === 0) return html`<p>No asset had work.</p>`;
  return tableOf(
    ['component', 'id', 'symbol', 'took', 'rows written'],
    slowest.map(({ component, id, symbol, durationMs, rowsWritten }) => [
      component,
      String(id),
      nameOf(symbol),
      secondsText(durationMs / 1000),
      numberText(rowsWritten),
    ]),
  );
}

function undoneOf({ assets }: ReportFacts['run']): Html {
  if (assets.length === 0) return html`<p>None.</p>`;
  const rest = assets.length - MOST_ROWS;
  return html`${tableOf(
    ['component', 'id', 'symbol', 'outcome', 'reason'],
    assets
      .slice(0, MOST_ROWS)
      .map(({ component, id, symbol, status, reason }) => [
        component,
        String(id),
        nameOf(symbol),
        html`<span class="tag ${status}">${status}</span>`,
        reason,
      ]),
  )}${rest > 0 ? html`<p>And ${numberText(rest)} more, all of them in refresh_asset.</p>` : ''}`;
}

function causesOf({ causes }: ReportFacts['run']): Html {
  if (causes.length === 0) return html``;
  const rest = causes.length - MOST_ROWS;
  return html`<h2>What is wrong</h2>${tableOf(
    ['', 'component', 'assets', 'what', 'since', 'type'],
    causes
      .slice(0, MOST_ROWS)
      .map((cause) => [
        html`<span class="tag ${cause.severity}">${cause.severity}</span>`,
        cause.component ?? '',
        cause.ids.length === 0 ? '' : html`<bdi>${formatAssets(cause)}</bdi>`,
        cause.isExample ? `for example: ${cause.sentence}` : cause.sentence,
        cause.since === null ? 'this run' : timeText(cause.since),
        cause.command ?? '',
      ]),
  )}${rest > 0 ? html`<p>And ${numberText(rest)} more.</p>` : ''}`;
}

/** A name may be written from right to left: what follows it must not be. */
function nameOf(symbol: string | null): Html | string {
  return symbol === null ? '' : html`<bdi>${symbol}</bdi>`;
}

function timeText(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`;
}

function secondsText(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

function numberText(number: number): string {
  return number.toLocaleString('en-US');
}
