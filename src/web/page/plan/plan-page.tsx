/** What would a refresh do? */
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { PlannedAsset, PlanResponse } from '../../api/api-types.js';
import { StartRun } from '../runs/start-run.jsx';
import { useApi } from '../shared/api.js';
import { AssetTable } from '../shared/asset-table.jsx';
import { countOf, formatCount } from '../shared/format.js';
import { useRevision } from '../shared/live.js';
import { Field, Waiting } from '../shared/parts.jsx';
import { goTo, hrefOf } from '../shared/route.js';

const TARGETS = ['all', 'bars', 'emas', 'indicators'] as const;
const MANY = 200;

/** The plan, asset by asset; nothing is changed by looking at it. */
export function PlanPage({ query }: { query: URLSearchParams }): JSX.Element {
  const target = TARGETS.find((each) => each === query.get('target')) ?? 'all';
  const withIdle = query.has('idle');
  const { data, error, isLoading } = useApi<PlanResponse>(`/api/plan?target=${target}`, useRevision());
  const hasIndicators = data?.hasIndicators === true || target === 'indicators';
  const show = (options: { target: string; idle: boolean }) =>
    goTo(
      hrefOf(['plan'], {
        target: options.target === 'all' ? '' : options.target,
        idle: options.idle ? '1' : '',
      }),
      {
        replace: true,
      },
    );
  return (
    <>
      <h1>Plan</h1>
      <p class="lead">What a refresh would do now, and why. Looking changes nothing.</p>
      <div class="controls">
        <Field label="Of">
          <select
            value={target}
            onChange={(event) => show({ target: event.currentTarget.value, idle: withIdle })}
          >
            <option value="all">{hasIndicators ? 'bars, EMAs and indicators' : 'bars and EMAs'}</option>
            <option value="bars">bars</option>
            <option value="emas">EMAs</option>
            {hasIndicators && <option value="indicators">indicators</option>}
          </select>
        </Field>
        <label class="check">
          <input type="checkbox" checked={withIdle} onChange={() => show({ target, idle: !withIdle })} />
          with what is up to date
        </label>
        {data !== null && isLoading && <span class="quiet">reading …</span>}
      </div>
      <StartRun target={target} />
      {data === null ? (
        <Waiting error={error} what="the plan" />
      ) : (
        <Plan key={`${target} ${withIdle}`} plan={data.plan} withIdle={withIdle} />
      )}
    </>
  );
}

function Plan({ plan, withIdle }: { plan: readonly PlannedAsset[]; withIdle: boolean }): JSX.Element {
  const [limit, setLimit] = useState(MANY);
  const shown = useMemo(() => plan.filter(({ action }) => withIdle || action !== 'none'), [plan, withIdle]);
  const counts = new Map<string, number>();
  for (const { component, action } of plan) {
    const name = `${component}: ${action === 'none' ? 'up to date' : action}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return (
    <>
      <p data-testid="plan-counts">
        {[...counts].map(([name, count]) => `${name} ${formatCount(count)}`).join(' · ') ||
          'There is no asset.'}
      </p>
      {shown.length === 0 ? (
        <p class="quiet">Nothing is to be done.</p>
      ) : (
        <AssetTable
          label="What would be done"
          status="action"
          lines={shown.slice(0, limit).map((asset) => ({ ...asset, status: asset.action }))}
        />
      )}
      {shown.length > limit && (
        <button type="button" onClick={() => setLimit(limit + 10 * MANY)}>
          More: {countOf(shown.length - limit, 'line')}
        </button>
      )}
    </>
  );
}
