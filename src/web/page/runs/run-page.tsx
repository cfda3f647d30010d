/** One run: what it did, and what it could not. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { RunCause, RunResponse, RunStage } from '../../api/api-types.js';
import { useApi } from '../shared/api.js';
import { asPlainText, countOf, formatCount, formatSeconds } from '../shared/format.js';
import { useLive, useRevision } from '../shared/live.js';
import { Badge, ScrollTable, Time, Waiting } from '../shared/parts.jsx';
import { LiveRunPanel, UndoneTable } from './live-run.jsx';

const MANY = 200;

type Run = RunResponse['run'];

/** The page of a run; while it is in progress it moves by itself. */
export function RunPage({ run: wanted }: { run: string }): JSX.Element {
  const { state } = useLive();
  const { data, error } = useApi<RunResponse>(`/api/runs/${encodeURIComponent(wanted)}`, useRevision());
  if (data === null)
    return (
      <>
        <h1>Run</h1>
        <Waiting error={error} what="the run" />
      </>
    );
  const { run } = data;
  const isLive = state?.run?.run === run.run;
  const progress = isLive ? state.run : run.status === 'running' ? run.progress : null;
  return (
    <>
      <h1>
        Run of <Time iso={run.startedAt} />
      </h1>
      <p class="lead">
        <Badge status={progress === null ? run.status : 'running'} />{' '}
        {run.verdict === null ? '' : asPlainText(run.verdict)}
      </p>
      {run.error !== null && <p class="problem">{asPlainText(run.error)}</p>}
      {progress !== null && <LiveRunPanel run={progress} now={state?.now ?? run.startedAt} />}
      {progress === null && <Ended run={run} />}
    </>
  );
}

function Ended({ run }: { run: Run }): JSX.Element {
  return (
    <>
      <Causes causes={run.causes} />
      <Stages stages={run.stages} />
      <Undone run={run} />
      <h2>About it</h2>
      <dl>
        <dt>command</dt>
        <dd>{asPlainText(run.command)}</dd>
        <dt>options</dt>
        <dd>{asPlainText(optionsOf(run))}</dd>
        <dt>prices up to</dt>
        <dd>
          <Time iso={run.asOf} />
        </dd>
        <dt>ended</dt>
        <dd>
          {run.finishedAt === null ? 'no end' : <Time iso={run.finishedAt} />}
          {run.durationSec !== null && `, after ${formatSeconds(run.durationSec)}`}
          {run.exitCode !== null && `, exit code ${run.exitCode}`}
        </dd>
        <dt>by</dt>
        <dd>
          <bdi>{asPlainText(run.host)}</bdi>, process {run.pid}, version {asPlainText(run.version)}
        </dd>
        <dt>run</dt>
        <dd>{run.run}</dd>
        {run.resumes !== null && (
          <>
            <dt>continues with</dt>
            <dd>
              <a href={`/runs/${encodeURIComponent(run.resumes)}`}>{run.resumes}</a>
            </dd>
          </>
        )}
      </dl>
    </>
  );
}

const MOST_CAUSES = 50;
const FEW = 3;

/** What was wrong: who, what, since when, what to type. */
function Causes({ causes }: { causes: readonly RunCause[] }): JSX.Element | null {
  if (causes.length === 0) return null;
  return (
    <ul class="causes">
      {causes.slice(0, MOST_CAUSES).map((cause) => (
        <li key={`${cause.kind} ${cause.component} ${cause.sentence}`}>
          <Badge status={cause.severity} /> {asPlainText(subjectOf(cause))}
          {cause.isExample ? 'for example: ' : ''}
          {asPlainText(cause.sentence)}
          {cause.since !== null && (
            <>
              , since <Time iso={cause.since} />
            </>
          )}
          {cause.command !== null && (
            <>
              {' '}
              <code>{asPlainText(cause.command)}</code>
            </>
          )}
        </li>
      ))}
      {causes.length > MOST_CAUSES && <li>and {formatCount(causes.length - MOST_CAUSES)} more</li>}
    </ul>
  );
}

/** "bars, 3 assets (BTC (1), 52, …): ". */
function subjectOf({ component, ids, symbols, count }: RunCause): string {
  const names = ids
    .slice(0, FEW)
    .map((id) => (symbols[id] === undefined ? `${id}` : `${symbols[id]} (${id})`));
  const assets =
    ids.length === 0
      ? []
      : [`${countOf(ids.length, 'asset')} (${names.join(', ')}${ids.length > FEW ? ', …' : ''})`];
  const times = ids.length === 0 && count > 1 ? [countOf(count, 'time')] : [];
  const who = [...(component === null ? [] : [component]), ...assets, ...times].join(', ');
  return who === '' ? '' : `${who}: `;
}

/** Those that were given: "ids [1,52], bars true". */
function optionsOf({ options }: Run): string {
  const given = Object.entries(options).filter(([, value]) => value !== null && value !== false);
  return given.map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(', ') || 'none';
}

function Stages({ stages }: { stages: readonly RunStage[] }): JSX.Element | null {
  if (stages.length === 0) return null;
  const longest = Math.max(...stages.flatMap(({ durationSec, medianSec }) => [durationSec, medianSec ?? 0]));
  return (
    <>
      <h2>By component</h2>
      <ScrollTable label="Components of the run">
        <thead>
          <tr>
            <th>component</th>
            <th>outcome</th>
            <th>duration against the median of past runs</th>
            <th class="number">rows needed</th>
            <th class="number">rows written</th>
            <th class="number">ok</th>
            <th class="number">failed</th>
            <th class="number">skipped</th>
          </tr>
        </thead>
        <tbody>
          {stages.map((stage) => (
            <tr key={stage.component}>
              <td>{stage.component}</td>
              <td>
                <Badge status={stage.status} />
                {stage.error !== null && <div class="text">{asPlainText(stage.error)}</div>}
              </td>
              <td>
                <Duration stage={stage} longest={longest} />
              </td>
              <td class="number">{formatCount(stage.rowsNeeded)}</td>
              <td class="number">{formatCount(stage.rowsWritten)}</td>
              <td class="number">{formatCount(stage.ok)}</td>
              <td class="number">{formatCount(stage.failed)}</td>
              <td class="number">{formatCount(stage.skipped)}</td>
            </tr>
          ))}
        </tbody>
      </ScrollTable>
    </>
  );
}

function Duration({
  stage: { durationSec, medianSec },
  longest,
}: {
  stage: RunStage;
  longest: number;
}): JSX.Element {
  const width = (seconds: number) => ({ width: `${longest > 0 ? (100 * seconds) / longest : 0}%` });
  return (
    <div class="duration">
      {formatSeconds(durationSec)}{' '}
      <span class="quiet">
        {medianSec === null ? 'no run before it' : `median ${formatSeconds(medianSec)}`}
      </span>
      <div class="meter" aria-hidden="true">
        <div class="took" style={width(durationSec)} />
        {medianSec !== null && <div class="median" style={width(medianSec)} />}
      </div>
    </div>
  );
}

function Undone({ run }: { run: Run }): JSX.Element {
  const [isAll, setIsAll] = useState(false);
  if (run.assets.length === 0) return <p class="quiet">No asset failed or was skipped.</p>;
  const shown = isAll ? run.assets : run.assets.slice(0, MANY);
  return (
    <>
      <h2>Failed or skipped: {formatCount(run.assets.length)}</h2>
      <UndoneTable assets={shown} />
      {shown.length < run.assets.length && (
        <button type="button" onClick={() => setIsAll(true)}>
          Show all {formatCount(run.assets.length)}
        </button>
      )}
    </>
  );
}
