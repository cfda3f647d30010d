/** Whether a command printed what its page shows; numbers, days and hashes are others each time. */

/** Words and signs of a line, with one sign for what differs from run to run. */
function shapeOf(line: string): string {
  return line
    .replaceAll(/sha256:[0-9a-f]{64}/g, 'sha256:H')
    .replaceAll(/^[0-9a-f]{8}\b/g, 'R')
    .replaceAll(/\d[\d.,:+-]*\d|\d/g, 'N')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** Lines of a page that were not printed, in this order; `…` stands for any lines, and at an end for the rest of one. */
export function findUnprinted(shown: readonly string[], printed: string): string[] {
  const lines = printed.split('\n').map(shapeOf);
  let from = 0;
  return shown.filter((line) => {
    const shape = shapeOf(line);
    const [beginning = ''] = shape.split('…');
    const at = lines.findIndex(
      (each, index) => index >= from && (shape.endsWith('…') ? each.startsWith(beginning) : each === shape),
    );
    if (at >= 0) from = at + 1;
    return at < 0 && shape !== '…';
  });
}
