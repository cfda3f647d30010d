/** A run in progress, as it moves. */
import type { JSX } from 'preact';
import type { LiveRun, LiveStage, UndoneAsset } from '../../api/api-types.js';
import { AssetTable } from '../shared/asset-table.jsx';
import { asPlainText, countOf, formatCount, formatSeconds } from '../shared/format.js';
import { Badge, Time } from '../shared/parts.jsx';
import { hrefOf } from '../shared/route.js';

const MS_PER_SECOND = 1000;

/** Progress by component with rate and time left, and what failed so far. */
export function LiveRunPanel({ run, now }: { run: LiveRun; now: string }): JSX.Element {
  const seconds = Math.max(0, (Date.parse(now) - Date.parse(run.startedAt)) / MS_PER_SECOND);
  return (
    <section class="live" aria-label="Run in progress">
      <p>
        <Badge status="running" /> <a href={hrefOf(['runs', run.run])}>{asPlainText(run.command)}</a> since{' '}
        <Time iso={run.startedAt} />, {formatSeconds(Math.round(seconds))} so far, on{' '}
        <bdi>{asPlainText(run.host)}</bdi>, process {run.pid}
      </p>
      {run.isSilent && (
        <p class="problem">
          It gives no sign of life: its process died or has stopped. The next run closes it.
        </p>
      )}
      {run.stages.length === 0 && <p class="quiet">It plans.</p>}
      {run.stages.map((stage) => (
        <Stage key={stage.component} stage={stage} />
      ))}
      {run.undoneCount > 0 && (
        <>
          <h2>Not done so far: {formatCount(run.undoneCount)}</h2>
          <UndoneTable assets={run.undone} />
        </>
      )}
    </section>
  );
}

function Stage({ stage }: { stage: LiveStage }): JSX.Element {
  const { component, total, done, failed, skipped, rowsWritten, ratePerSec, secondsLeft } = stage;
  const facts = [
    `${formatCount(done)} of ${countOf(total, 'asset')}`,
    `${countOf(rowsWritten, 'row')} written`,
    failed > 0 ? `${formatCount(failed)} failed` : '',
    skipped > 0 ? `${formatCount(skipped)} skipped` : '',
    ratePerSec === null ? '' : `${Number(ratePerSec.toFixed(1))} assets/s`,
    leftOf(stage, secondsLeft),
  ];
  return (
    <p>
      <label>
        <b>{component}</b> <progress value={done} max={Math.max(total, 1)} />
      </label>{' '}
      {facts.filter((fact) => fact !== '').join(', ')}
    </p>
  );
}

function leftOf({ isRunning }: LiveStage, secondsLeft: number | null): string {
  if (!isRunning) return 'ended';
  return secondsLeft === null ? 'time left not known yet' : `${formatSeconds(Math.ceil(secondsLeft))} left`;
}

/** Assets that failed or were left out, and why. */
export function UndoneTable({ assets }: { assets: readonly UndoneAsset[] }): JSX.Element {
  return <AssetTable label="Assets that were not done" status="outcome" lines={assets} />;
}
