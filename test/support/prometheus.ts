/** A strict reader of Prometheus' text format, version 0.0.4: what it does not know it refuses. */

export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const HELP = new RegExp(`^# HELP (${NAME}) (.+)$`);
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`);
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (-?[0-9.]+(?:e[-+]?[0-9]+)?|[-+]Inf|NaN)$`);
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,(?=[a-zA-Z_])|$)/;

/**
 * Reads a file. Throws when a line is none of the format, a sample stands outside of its HELP and TYPE, a name or a set of
 * labels comes twice, or the last line does not end.
 */
export function parseMetrics(text: string): { samples: Sample[]; types: Map<string, string> } {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const types = new Map<string, string>();
  const helped = new Set<string>();
  const seen = new Set<string>();
  const samples: Sample[] = [];
  let current = '';
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const help = HELP.exec(line)?.[1];
    const [, typed, type] = TYPE.exec(line) ?? [];
    if (help !== undefined) {
      if (helped.has(help)) throw new Error(`HELP of ${help} comes twice`);
      helped.add(help);
      current = help;
    } else if (typed !== undefined && type !== undefined) {
      if (typed !== current || types.has(typed)) throw new Error(`TYPE of ${typed} is in the wrong place`);
      types.set(typed, type);
    } else {
      const sample = parseSample(line);
      if (sample.name !== current || !types.has(current))
        throw new Error(`${line} stands outside of its metric`);
      const identity = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
      if (seen.has(identity)) throw new Error(`${line} comes twice`);
      seen.add(identity);
      samples.push(sample);
    }
  }
  return { samples, types };
}

function parseSample(line: string): Sample {
  const [, name, written = '', number] = SAMPLE.exec(line) ?? [];
  if (name === undefined || number === undefined) throw new Error(`no line of the format: ${line}`);
  const labels: Record<string, string> = {};
  for (let rest = written; rest !== ''; ) {
    const [whole, label, value] = LABEL.exec(rest) ?? [];
    if (whole === undefined || label === undefined || value === undefined || label in labels)
      throw new Error(`labels cannot be read: ${line}`);
    labels[label] = value.replaceAll(/\\(.)/g, (_, character) => (character === 'n' ? '\n' : character));
    rest = rest.slice(whole.length);
  }
  return { name, labels, value: Number(number.replace('Inf', 'Infinity')) };
}
