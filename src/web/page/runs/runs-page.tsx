/** What did the last runs do? */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { RunStage, RunSummary, RunsResponse } from '../../api/api-types.js';
import { RequestError, request, useApi } from '../shared/api.js';
import { asPlainText, formatCount, formatSeconds } from '../shared/format.js';
import { useLive, useRevision } from '../shared/live.js';
import { Badge, ScrollTable, Time, Waiting } from '../shared/parts.jsx';
import { hrefOf } from '../shared/route.js';
import { LiveRunPanel } from './live-run.jsx';
import { StartRun } from './start-run.jsx';
import { Timeline } from './timeline.jsx';

const PAGE_RUNS = 20;
/** Of nothing to do, so many times as long says nothing. */
const SHORTEST_SEC = 0.05;

/** The run in progress, and the newest runs. */
export function RunsPage(): JSX.Element {
  const { state } = useLive();
  const { data, error } = useApi<RunsResponse>(
    `/api/runs?limit=${PAGE_RUNS}`,
    `${useRevision()} ${state?.run?.run}`,
  );
  return (
    <>
      <h1>Runs</h1>
      <StartRun />
      {state?.run && <LiveRunPanel run={state.run} now={state.now} />}
      {data === null ? <Waiting error={error} what="the last runs" /> : <Table first={data} />}
    </>
  );
}

/** The first page comes from outside and may change; older ones are asked for one by one. */
function Table({ first }: { first: RunsResponse }): JSX.Element {
  const [older, setOlder] = useState<RunSummary[]>([]);
  const [next, setNext] = useState(first.next);
  const [error, setError] = useState<RequestError | null>(null);
  useEffect(() => {
    setOlder([]);
    setNext(first.next);
  }, [first]);
  const more = () => {
    request<RunsResponse>(`/api/runs?limit=${PAGE_RUNS}&before=${encodeURIComponent(next ?? '')}`).then(
      (page) => {
        setError(null);
        setOlder((before) => [...before, ...page.runs]);
        setNext(page.next);
      },
      (reason: unknown) => setError(reason instanceof RequestError ? reason : null),
    );
  };
  const runs = [...first.runs, ...older];
  if (runs.length === 0) return <p class="quiet">No run yet: barwright refresh makes one.</p>;
  return (
    <>
      <Timeline runs={runs} nowMs={Date.now()} />
      <ScrollTable label="The last runs">
        <thead>
          <tr>
            <th>started (UTC)</th>
            <th>outcome</th>
            <th>command</th>
            <th class="number">took</th>
            <th>by component, against the median</th>
            <th class="number">rows written</th>
            <th class="number">ok</th>
            <th class="number">failed</th>
            <th class="number">skipped</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <Row key={run.run} run={run} />
          ))}
        </tbody>
      </ScrollTable>
      {error !== null && <Waiting error={error} what="" />}
      {next !== null && (
        <button type="button" onClick={more}>
          Older runs
        </button>
      )}
    </>
  );
}

function Row({ run }: { run: RunSummary }): JSX.Element {
  return (
    <tr>
      <td>
        <a href={hrefOf(['runs', run.run])}>
          <Time iso={run.startedAt} />
        </a>
      </td>
      <td>
        <Badge status={run.status} />
      </td>
      <td>{asPlainText(run.command)}</td>
      <td class="number">{run.durationSec === null ? '' : formatSeconds(run.durationSec)}</td>
      <td>
        {run.stages.map((stage) => (
          <div key={stage.component}>{againstMedian(stage)}</div>
        ))}
      </td>
      <td class="number">{formatCount(run.rowsWritten)}</td>
      <td class="number">{formatCount(run.ok)}</td>
      <td class="number">{formatCount(run.failed)}</td>
      <td class="number">{formatCount(run.skipped)}</td>
    </tr>
  );
}

/** "bars 1.2 s, median 1.1 s (1.1 ×)". */
function againstMedian({ component, durationSec, medianSec }: RunStage): string {
  const took = `${component} ${formatSeconds(durationSec)}`;
  if (medianSec === null) return took;
  const ratio =
    Math.min(medianSec, durationSec) < SHORTEST_SEC ? '' : ` (${(durationSec / medianSec).toFixed(1)} ×)`;
  return `${took}, median ${formatSeconds(medianSec)}${ratio}`;
}
