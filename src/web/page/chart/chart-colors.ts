/** Colours of the chart: those of the page, and one for each line. */

const LINE_COLORS = {
  light: ['#1c5d99', '#b35900', '#6d4aad', '#00736b'],
  dark: ['#7cb7ee', '#ffb45e', '#c3a6ff', '#5ed1c6'],
};

/** Colour of the n-th line. */
export function lineColor(index: number): string {
  const colors = isDark() ? LINE_COLORS.dark : LINE_COLORS.light;
  return colors[index % colors.length] ?? '';
}

function isDark(): boolean {
  return matchMedia('(prefers-color-scheme: dark)').matches;
}

/** Value of a colour variable of the page. */
export function colorOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** A third of the strength; colours of the page are #rrggbb. */
export function faded(color: string): string {
  return `${color}55`;
}
