/** Colours of the chart: those of the page, and one for each line. */
import { isDark } from '../shared/theme.js';

const LINE_COLORS = {
  light: ['#1c5d99', '#b35900', '#6d4aad', '#00736b'],
  dark: ['#7cb7ee', '#ffb45e', '#c3a6ff', '#5ed1c6'],
};
const HEX = 16;

/** Colour of the n-th line. */
export function lineColor(index: number): string {
  const colors = isDark() ? LINE_COLORS.dark : LINE_COLORS.light;
  return colors[index % colors.length] ?? '';
}

/** Asking the browser for a colour makes it work out all styles: of each theme it is asked once. */
const known = new Map<string, string>();

/** Value of a colour variable of the page, as #rrggbb. */
export function colorOf(name: string): string {
  const key = `${name} ${isDark()}`;
  const color = known.get(key) ?? askFor(name);
  known.set(key, color);
  return color;
}

/** A variable holds two colours, so it is an element that has the one of the theme. */
function askFor(name: string): string {
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const parts = getComputedStyle(probe).color.match(/\d+/g) ?? [];
  probe.remove();
  return `#${parts
    .slice(0, 3)
    .map((part) => Number(part).toString(HEX).padStart(2, '0'))
    .join('')}`;
}

/** A third of the strength; colours of the page are #rrggbb. */
export function faded(color: string): string {
  return `${color}55`;
}
