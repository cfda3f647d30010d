/** A law: the shape of a file changes nothing: order, gaps, blanks, line ends, quotes, further columns; and where it is cut, no wrong row is stored. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { CSV_LAYOUTS } from '../support/files/csv-layouts.js';
import { type FileDay, makeDays } from '../support/files/days.js';
import { createFileFixture, type FileFixture } from '../support/files/fixture.js';
import { JSON_LAYOUTS } from '../support/files/json-layouts.js';

const DAYS = makeDays(24);
let fixture: FileFixture;

beforeAll(async () => {
  fixture = await createFileFixture();
});
afterAll(() => fixture.drop());
beforeEach(() => fixture.clear());

const valuesOf = ({ day, open, high, low, close, volume }: FileDay) => [day, open, high, low, close, volume];
const textOf = (content: string | Uint8Array) =>
  typeof content === 'string' ? content : Buffer.from(content).toString('utf16le');

/** Layouts by the way that their text may be changed. */
const TEXTS = CSV_LAYOUTS.map((layout) => ({
  ...layout,
  text: (days: FileDay[]) => textOf(layout.write(days)),
}));

/** Where the days begin: after the header, or the three of yfinance. */
const topOf = (lines: readonly string[]) => lines.findIndex((line) => (line.match(/\d+/g) ?? []).length >= 5);

const SHAPES: Readonly<Record<string, (text: string) => string>> = {
  'CRLF, a byte order mark, and blank lines between the days': (text) =>
    `\ufeff${text
      .replace(/^\ufeff/, '')
      .split(/\r\n|\n|\r/)
      .join('\r\n\r\n')}`,
  'the days in another order': (text) => {
    const lines = text.replace(/[\r\n]+$/, '').split(/\r\n|\n|\r/);
    const top = Math.max(0, topOf(lines));
    const days = lines.slice(top);
    return [
      ...lines.slice(0, top),
      ...days.filter((_, i) => i % 2 === 0),
      ...days.filter((_, i) => i % 2 === 1),
      '',
    ].join('\n');
  },
  'no line end at the end': (text) => text.replace(/[\r\n]+$/, ''),
  'blanks around the cells, and further columns where names say what is what': (text) => {
    const lines = text.replace(/[\r\n]+$/, '').split(/\r\n|\n|\r/);
    const top = Math.max(0, topOf(lines));
    const mark = ['\t', ';', ','].find((each) => lines[top]?.includes(each)) ?? ',';
    const spaced = (line: string) =>
      line.includes('","') ? line.replaceAll('","', '" , "') : line.replaceAll(mark, ` ${mark} `);
    // yfinance has a ticker over each of its columns; where no header is, places say what is what.
    const isNamed = top > 0 && !lines[top - 1]?.endsWith(',,');
    const more = (line: string, index: number) => {
      if (!isNamed || index < top - 1) return line;
      return index === top - 1
        ? `${line}${mark}change`
        : `${spaced(line)}${mark}${index % 2 === 0 ? '' : 'x 1'}`;
    };
    return `${lines.map(more).join('\n')}\n`;
  },
};

/** Another order of lists and of records by their day, in every part of a document; and more beside them. */
function shuffleJson(value: unknown): unknown {
  const split = <T>(parts: readonly T[]): T[] => [
    ...parts.filter((_, index) => index % 2 === 1),
    ...parts.filter((_, index) => index % 2 === 0),
  ];
  if (Array.isArray(value)) return value.length === DAYS.length ? split(value) : value.map(shuffleJson);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, shuffleJson(inner)] as const);
  return Object.fromEntries(entries.length === DAYS.length ? split(entries) : entries);
}

const DOCUMENTS = JSON_LAYOUTS.filter(({ file }) => file.endsWith('.json'));

test.each(DOCUMENTS)('another order, and more beside the days: $file', async ({ file, write }) => {
  const document = shuffleJson(JSON.parse(write(DAYS) as string));
  const whole = Array.isArray(document)
    ? document
    : { generated: '2024-03-20', hints: [1, 2], ...(document as object) };
  const text = JSON.stringify(whole, null, 2);
  const { asset, badLines } = await fixture.load(file, `\ufeff${text}\n`, { id: 77, acceptName: true });
  expect(badLines).toBe(0);
  expect(await fixture.days(asset.id)).toEqual(DAYS.map(valuesOf));
});

for (const [shape, change] of Object.entries(SHAPES)) {
  test.each(TEXTS)(`${shape}: $file`, async ({ file, text }) => {
    const { asset, badLines } = await fixture.load(file, change(text(DAYS)), { id: 77, acceptName: true });
    expect(badLines).toBe(0);
    expect(await fixture.days(asset.id)).toEqual(DAYS.map(valuesOf));
  });
}

test.each([...CSV_LAYOUTS, ...JSON_LAYOUTS])(
  'with holes, and a month later: $file',
  async ({ file, write }) => {
    const days = [...DAYS.filter(({ day }) => day % 3 !== 0), ...makeDays(9, 19_900)];
    const { asset } = await fixture.load(file, write(days), { id: 77, acceptName: true });
    expect(await fixture.days(asset.id)).toEqual(days.map(valuesOf));
  },
);

const isCutText = [...CSV_LAYOUTS.filter(({ write }) => typeof write(DAYS) === 'string'), ...JSON_LAYOUTS];

test.each(isCutText)(
  'wherever $file is cut, it is refused, or each row is right',
  async ({ file, write }) => {
    const whole = write(DAYS) as string;
    const right = new Map(DAYS.map((day) => [day.day, valuesOf(day)]));
    for (let end = whole.length - 2; end > whole.length / 2; end -= Math.ceil(whole.length / 37)) {
      await fixture.clear();
      const outcome = await fixture
        .load(file, whole.slice(0, end), { id: 77, acceptName: true })
        .catch((error: unknown) => error as Error);
      if (outcome instanceof Error) expect(outcome.message.length, outcome.message).toBeGreaterThan(20);
      const stored = await fixture.days(77);
      expect(stored, `${file} cut at ${end}: ${JSON.stringify(whole.slice(end - 30, end))}`).toEqual(
        stored.map(([day = 0]) => right.get(day)),
      );
    }
  },
);
