/** Files of examples/: a question, the answer as code, and what it prints on the sample data, all in one file. */
import { globSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

export interface Example {
  /** From the root of the checkout, with slashes: `examples/sql/series/newest-bars.sql`. */
  path: string;
  /** First line of the file: a question, or what it does. */
  title: string;
  /** The rest of the first comment, as text; may be empty. */
  text: string;
  /** What is run, without the comments at the beginning and the end. */
  code: string;
  /** What it prints, without line feeds at the end. */
  output: string;
}

/** How a comment begins, by the ending of the file. */
const MARKS: Readonly<Record<string, string>> = { '.sql': '--', '.sh': '#', '.py': '#', '.ts': '//' };
const HEADING = 'Output:';

/** Reads all examples, in the order of their paths. Throws when one has another form. */
export function readExamples(checkout: string): Example[] {
  const paths = globSync('examples/**/*.*', { cwd: checkout }).map((path) => path.replaceAll('\\', '/'));
  return paths.sort().map((path) => parseExample(path, readFileSync(join(checkout, path), 'utf8')));
}

/** Takes a file apart. Throws, with its path, when it has no title or no output at its end. */
export function parseExample(path: string, content: string): Example {
  const mark = markOf(path);
  const lines = content.trimEnd().split('\n');
  const start = lines.findIndex((line) => !line.startsWith(mark));
  const end = lines.lastIndexOf(`${mark} ${HEADING}`);
  if (start < 1) throw new Error(`${path} begins with no comment that says what it answers`);
  if (end < start) throw new Error(`${path} has no comment "${mark} ${HEADING}" at its end`);
  const [title = '', ...text] = lines.slice(0, start).map((line) => uncomment(line, mark));
  return {
    path,
    title,
    text: text.join('\n').trim(),
    code: lines.slice(start, end).join('\n').trim(),
    output: lines
      .slice(end + 1)
      .map((line) => uncomment(line, mark))
      .join('\n'),
  };
}

/** The file again, with another output at its end. */
export function withOutput(content: string, { path }: Example, output: string): string {
  const mark = markOf(path);
  const heading = `${mark} ${HEADING}`;
  const printed = output.split('\n').map((line) => `${mark} ${line}`.trimEnd());
  return `${[content.slice(0, content.lastIndexOf(heading)) + heading, ...printed].join('\n')}\n`;
}

function markOf(path: string): string {
  const mark = MARKS[extname(path)];
  if (mark === undefined) throw new Error(`${path} is no example: expected ${Object.keys(MARKS).join(', ')}`);
  return mark;
}

/** A comment without its mark and the blank after it. */
function uncomment(line: string, mark: string): string {
  if (!line.startsWith(mark)) throw new Error(`expected a comment, found "${line}"`);
  return line.slice(mark.length).replace(/^ /, '');
}
