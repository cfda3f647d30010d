/**
 * Where in a text a password stands by its place: `scheme://user:PASSWORD@`, `password=PASSWORD` and similar ones. Each
 * character is looked at a bounded number of times, however hostile the text: patterns that try every way are not.
 */

/** From the first character to behind the last one. */
export type Place = readonly [start: number, end: number];

/** Between user and password: also percent-encoded, once or twice, since a driver takes that for a part of the name. */
const COLONS = [':', '%3a', '%253a'];
const ENDS_USER = new Set([...`@/?#'"<>`]);
const ENDS_PASSWORD = new Set([...`'"<>`]);

interface Form {
  start: string;
  colons: readonly string[];
  at: string;
  endsUser: ReadonlySet<string>;
}

/** A URL as it is, and one that is itself percent-encoded. */
const FORMS: readonly Form[] = [
  { start: '://', colons: COLONS, at: '@', endsUser: ENDS_USER },
  { start: '%3a%2f%2f', colons: COLONS.slice(1), at: '%40', endsUser: ENDS_PASSWORD },
];

/** The places of passwords in a text, in their order, none in another. */
export function findSecretPlaces(text: string): Place[] {
  const found = [...findInWords(text), ...findParameters(text)];
  found.sort((a, b) => a[0] - b[0] || b[1] - a[1]);
  let end = -1;
  return found.filter((place) => {
    if (place[0] < end) return false;
    end = place[1];
    return true;
  });
}

/** A URL has no blanks: word by word. */
function findInWords(text: string): Place[] {
  const places: Place[] = [];
  const lower = text.toLowerCase();
  for (const form of FORMS) {
    if (!lower.includes(form.start) || !lower.includes(form.at)) continue;
    for (const { index, 0: word } of lower.matchAll(/\S+/g))
      for (const [start, end] of findInWord(word, form)) places.push([index + start, index + end]);
  }
  return places;
}

/** The password goes up to the last @ before a quote, since people forget to encode theirs; else up to the first @. */
function findInWord(word: string, { start, colons, at, endsUser }: Form): Place[] {
  const places: Place[] = [];
  const last = word.lastIndexOf(at);
  let from = word.indexOf(start);
  while (from !== -1 && from < last) {
    let position = from + start.length;
    let colon: string | undefined;
    while (position < last && !endsUser.has(word[position] as string) && !word.startsWith(at, position)) {
      colon = colons.find((each) => word.startsWith(each, position));
      if (colon !== undefined) break;
      position += 1;
    }
    if (colon === undefined) {
      from = word.indexOf(start, position);
      continue;
    }
    const begin = position + colon.length;
    const end = endOfPassword(word, begin, at);
    if (end > begin) places.push([begin, end]);
    from = word.indexOf(start, Math.max(end, begin));
  }
  return places;
}

function endOfPassword(word: string, begin: number, at: string): number {
  let quote = begin;
  while (quote < word.length && !ENDS_PASSWORD.has(word[quote] as string)) quote += 1;
  const inside = word.slice(begin, quote).lastIndexOf(at);
  if (inside !== -1) return begin + inside;
  const after = word.indexOf(at, quote);
  return after === -1 ? begin : after;
}

const KEYWORD = /pass(?:word|wd|phrase)|pwd/gi;

/** `password=` and similar ones: as query parameter, also encoded, in a keyword list, or as a field of a printed object. */
function findParameters(text: string): Place[] {
  const places: Place[] = [];
  let end = 0;
  for (const { index, 0: keyword } of text.matchAll(KEYWORD)) {
    if (index < end) continue;
    const begin = beginOfValue(text, index + keyword.length);
    if (begin === null) continue;
    end = endOfValue(text, begin);
    if (end > begin) places.push([begin, end]);
  }
  return places;
}

/** Behind `=`, `%3d`, or a colon that a quote follows; null: it is only a word. */
function beginOfValue(text: string, after: number): number | null {
  if (text.slice(after, after + 3).toLowerCase() === '%3d') return after + 3;
  const equals = skipBlanks(text, after);
  if (text[equals] === '=') return skipBlanks(text, equals + 1);
  const isQuoted = text[after] === '"' || text[after] === "'";
  const colon = skipBlanks(text, isQuoted ? after + 1 : after);
  if (text[colon] !== ':') return null;
  const value = skipBlanks(text, colon + 1);
  return text[value] === '"' || text[value] === "'" ? value : null;
}

function skipBlanks(text: string, from: number): number {
  let position = from;
  while (position < text.length && /\s/.test(text[position] as string)) position += 1;
  return position;
}

const ENDS_VALUE = /[\s&'"<>;,#]/;

/** A quote that is not closed hides the rest: where the password ends cannot be known. */
function endOfValue(text: string, begin: number): number {
  const quote = text[begin];
  let position = begin;
  if (quote === "'" || quote === '"') {
    position += 1;
    while (position < text.length && text[position] !== quote) position += text[position] === '\\' ? 2 : 1;
    return Math.min(position + 1, text.length);
  }
  while (position < text.length && !ENDS_VALUE.test(text[position] as string)) {
    if (text.slice(position, position + 3) === '%26') break;
    position += 1;
  }
  return position;
}
