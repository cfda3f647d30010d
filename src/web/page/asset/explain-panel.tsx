/** The story of the asset: what `barwright explain` prints. */
import type { ComponentChildren, JSX } from 'preact';
import type { AssetResponse } from '../../api/api-asset-types.js';
import { asPlainText, countOf, formatCount, formatHours } from '../shared/format.js';
import { Badge, Time } from '../shared/parts.jsx';
import { hrefOf } from '../shared/route.js';

type Story = AssetResponse['explanation'];

/** Days that stay though the source does not prove them. */
function KeptFact({ kept }: Pick<Story, 'kept'>): JSX.Element | null {
  if (kept.length === 0) return null;
  const why = { gone: 'the source has lost them', refused: 'their rows would be refused now' };
  const spans = kept.map(
    ({ reason, days, firstDay, lastDay }) =>
      `${countOf(days, 'day')} (${firstDay} to ${lastDay}): ${why[reason]}`,
  );
  return <Fact name="kept">{spans.join('; ')}</Fact>;
}

/** How far a component has come; undefined: there is nothing of it in the warehouse. */
function ReachFact({
  name,
  progress,
}: {
  name: string;
  progress: Story['bars'] | undefined;
}): JSX.Element | null {
  if (progress === undefined) return null;
  return <Fact name={name}>{progress.watermark?.slice(0, 10) ?? 'not all built'}</Fact>;
}

/** Stands beside the chart. */
export function ExplainPanel({ explanation }: { explanation: Story }): JSX.Element {
  const { remedy, freshness, source, plan, gate, lastRun } = explanation;
  return (
    <aside aria-label="Explanation">
      <h2>Why it is as it is</h2>
      <p>{asPlainText(remedy.text)}</p>
      {remedy.command !== null && (
        <p>
          <code>{remedy.command}</code>
        </p>
      )}
      <dl>
        <Fact name="standing">{explanation.standing}</Fact>
        <Fact name="freshness">
          {freshness.reason.replace('_', ' ')}
          {freshness.stalenessHours !== null &&
            `, age ${formatHours(freshness.stalenessHours)} of ${formatHours(freshness.limitHours)}`}
        </Fact>
        {explanation.quoteCurrency !== null && <Fact name="prices in">{explanation.quoteCurrency}</Fact>}
        <Fact name="source">
          {countOf(source.rows, 'row')} of <bdi>{asPlainText(source.relation)}</bdi>
          {source.newestTs !== null && `, up to ${source.newestTs.slice(0, 10)}`}
        </Fact>
        <Fact name="waiting">
          {countOf(explanation.waitingRows, 'row')}
          {explanation.lagDays !== null && `, ${countOf(explanation.lagDays, 'day')} behind`}
        </Fact>
        <Fact name="1D bars">
          {explanation.dailyBars === null
            ? 'none'
            : `${formatCount(explanation.dailyBars.bars)}, ${explanation.dailyBars.firstDay} to ${explanation.dailyBars.lastDay}`}
        </Fact>
        {explanation.dailyBars !== null && (
          <Fact name="compared with the source">
            {explanation.dailyBars.provenAt === null ? (
              'not since it was built'
            ) : (
              <Time iso={explanation.dailyBars.provenAt} />
            )}
          </Fact>
        )}
        <KeptFact kept={explanation.kept} />
        {explanation.splits.length > 0 && (
          <Fact name="splits">
            {explanation.splits.map(({ split, standing }) => `${split}: ${standing}`).join('; ')}
          </Fact>
        )}
        <ReachFact name="bars" progress={explanation.bars} />
        <ReachFact name="EMAs" progress={explanation.emas} />
        <ReachFact name="indicators" progress={explanation.indicators} />
        <Fact name="plan, bars">{asPlainText(`${plan.bars.action}: ${plan.bars.reason}`)}</Fact>
        <Fact name="plan, EMAs">{asPlainText(`${plan.emas.action}: ${plan.emas.reason}`)}</Fact>
        {plan.indicators !== null && (
          <Fact name="plan, indicators">
            {asPlainText(`${plan.indicators.action}: ${plan.indicators.reason}`)}
          </Fact>
        )}
        <Fact name="gate">{asPlainText(gate.all.reason)}</Fact>
        {lastRun !== null && (
          <Fact name="last run">
            <a href={hrefOf(['runs', lastRun.run])}>{lastRun.command}</a> <Badge status={lastRun.status} />{' '}
            <Time iso={lastRun.startedAt} />
          </Fact>
        )}
      </dl>
      <Troubles story={explanation} />
    </aside>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }): JSX.Element {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Troubles({ story }: { story: Story }): JSX.Element {
  const lines = [
    ...story.findings.map(({ text }) => `not plausible: ${text}`),
    ...story.quarantine.map(
      ({ component, failures, reason, since }) =>
        `${component}: ${countOf(failures, 'failure')} in a row${since === null ? '' : ', left out since then'}: ${reason}`,
    ),
    ...story.lastWork.flatMap(({ component, error }) => (error === null ? [] : [`${component}: ${error}`])),
    ...story.rejects.counts.map(
      ({ action, reason, count }) => `${formatCount(count)} × ${action}: ${reason}`,
    ),
    ...(story.gaps.count > 0
      ? [`${countOf(story.gaps.count, 'gap')}, ${countOf(story.gaps.days, 'day')} missing`]
      : []),
  ];
  if (lines.length === 0) return <p class="quiet">No gaps, repairs, rejects or failures.</p>;
  return (
    <ul>
      {lines.map((line) => (
        <li key={line}>{asPlainText(line)}</li>
      ))}
    </ul>
  );
}
