/** The chart with its legend, its keys, its exports, and the same as a table. */
import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type AssetView, RANGES, type RangeName, type ScaleKind } from '../../api/asset-address.js';
import type { Chart } from '../chart/chart.js';
import type { Base } from '../chart/chart-compare.js';
import { barAt, type ChartBar, type ChartData, panesOf } from '../chart/chart-data.js';
import { saveCsv, savePng } from '../chart/chart-export.js';
import { ChartLegend } from '../chart/chart-legend.jsx';
import { ChartTables } from '../chart/chart-tables.jsx';
import { countOf } from '../shared/format.js';

/** Its code is most of the page's, and no other page needs it. */
const loadChart = () => import('../chart/chart.js');

/** Begins to fetch the code of the chart, so that it is there when the data is. */
export function prepareChart(): void {
  loadChart().catch(() => {});
}

interface PanelProps {
  /** Of the asset, for people. */
  name: string;
  id: string;
  view: AssetView;
  data: ChartData;
  onChange(view: AssetView): void;
}

const PAN = 0.25;
const ZOOM = 1.5;

/** Everything about the chart. */
export function ChartPanel({ name, id, view, data, onChange }: PanelProps): JSX.Element {
  const [day, setDay] = useState<string | null>(null);
  const [base, setBase] = useState<Base | null>(null);
  const { element, chart, isBroken } = useChart({
    data,
    series: `${view.alignment} ${view.tf} ${view.asof} ${view.range}`,
    scale: view.scale,
    range: view.range,
    onPoint: setDay,
    onBase: setBase,
  });
  const last = data.bars.at(-1);
  const label = `Chart of ${name}, ${view.alignment} ${view.tf}: ${countOf(data.bars.length, 'bar')} from ${data.bars[0]?.firstDay} to ${last?.day}${last?.isOpen ? ', the last one open' : ''}. Left and right move from bar to bar, shift with them moves the view, plus and minus zoom, 0 shows all.`;
  const onKeyDown = (event: KeyboardEvent) => {
    if (chart.current !== null && steer(chart.current, { event, data, day })) event.preventDefault();
  };
  const show = (range: RangeName) => {
    chart.current?.show(range);
    onChange({ ...view, range });
  };
  const file = `${id}-${view.alignment}-${view.tf}${view.asof === '' ? '' : `-asof-${view.asof}`}`;
  return (
    <>
      {isBroken && (
        <p class="problem" role="alert">
          The code of the chart could not be loaded. Load the page again; the values are in the table below.
        </p>
      )}
      <SightControls view={view} onRange={show} onScale={(scale) => onChange({ ...view, scale })} />
      <ChartLegend data={data} day={day} base={base} />
      <div
        class="chart"
        style={{ '--panes': String(panesOf(data.lines).length) }}
        role="application"
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: its keys move through the bars
        tabIndex={0}
        ref={element}
        onKeyDown={onKeyDown}
      />
      <div class="controls">
        <button type="button" onClick={() => chart.current && saveCsv(chart.current, { data, file })}>
          Save as CSV
        </button>
        <button type="button" onClick={() => chart.current && savePng(chart.current, file)}>
          Save as PNG
        </button>
        <span class="quiet">Both hold what is in sight.</span>
      </div>
      <ChartTables data={data} />
    </>
  );
}

interface SightProps {
  view: AssetView;
  onRange(range: RangeName): void;
  onScale(scale: ScaleKind): void;
}

/** Which bars are in sight, and how prices are scaled. */
function SightControls({ view, onRange, onScale }: SightProps): JSX.Element {
  return (
    <div class="controls">
      <fieldset class="chips">
        <legend class="hidden">Span in sight</legend>
        {RANGES.map((range) => (
          <button
            key={range}
            type="button"
            class="chip"
            aria-pressed={view.range === range}
            onClick={() => onRange(range)}
          >
            {range}
          </button>
        ))}
      </fieldset>
      <label class="check">
        <input
          type="checkbox"
          checked={view.scale === 'log'}
          onChange={() => onScale(view.scale === 'log' ? 'linear' : 'log')}
        />
        logarithmic
      </label>
    </div>
  );
}

interface Drawing {
  data: ChartData;
  /** Another one than before: what is in sight is set again. */
  series: string;
  scale: ScaleKind;
  range: RangeName | null;
  onPoint(day: string | null): void;
  onBase(base: Base | null): void;
}

/** Draws into `element` as soon as the code of the chart is there, and again whenever the data is other data. */
function useChart({ data, series, scale, range, onPoint, onBase }: Drawing) {
  const element = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | null>(null);
  const drawn = useRef('');
  const [state, setState] = useState<'loading' | 'ready' | 'broken'>('loading');
  useLayoutEffect(() => {
    let isThere = true;
    loadChart().then(
      ({ drawChart }) => {
        if (!isThere || element.current === null) return;
        chart.current = drawChart(element.current, { onPoint, onBase });
        setState('ready');
      },
      () => isThere && setState('broken'),
    );
    return () => {
      isThere = false;
      chart.current?.remove();
    };
  }, []);
  useLayoutEffect(() => {
    if (state !== 'ready') return;
    chart.current?.draw(data, scale);
    if (drawn.current !== series) chart.current?.show(range);
    drawn.current = series;
  }, [data, series, scale, state]);
  return { element, chart, isBroken: state === 'broken' };
}

interface Steering {
  event: KeyboardEvent;
  data: ChartData;
  /** Where the cross is. */
  day: string | null;
}

/** False when the key is none of the chart's. */
function steer(chart: Chart, { event, data, day }: Steering): boolean {
  const at = (index: number): boolean => {
    const bar: ChartBar | undefined = data.bars[Math.max(0, Math.min(index, data.bars.length - 1))];
    if (bar !== undefined) chart.pointAt(bar);
    return true;
  };
  const here = day === null ? data.bars.length : barAt(data.bars, day);
  switch (`${event.shiftKey ? 'Shift ' : ''}${event.key}`) {
    case 'ArrowLeft':
      return at(here - 1);
    case 'ArrowRight':
      return at(here + 1);
    case 'Home':
      return at(0);
    case 'End':
      return at(data.bars.length - 1);
    case 'Shift ArrowLeft':
      chart.pan(-PAN);
      return true;
    case 'Shift ArrowRight':
      chart.pan(PAN);
      return true;
    case '+':
    case 'Shift +':
      chart.zoom(ZOOM);
      return true;
    case '-':
      chart.zoom(1 / ZOOM);
      return true;
    case '0':
      chart.show('all');
      return true;
    default:
      return false;
  }
}
