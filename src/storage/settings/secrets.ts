/** Secrets of this process, and how no text that leaves it has one in it. */
import { findSecretPlaces } from './secret-places.js';

const HIDDEN = '***';
/** A URL in messages that shows the form; its password is the word "password". */
export const EXAMPLE_URL = 'postgresql://user:password@localhost:5432/database';

/** Shorter ones would blank half of every text; in a URL or after `password=` they are hidden too. */
const SHORTEST = 6;
/** Up to this length a secret is only looked for as a word of its own: it may be a part of ordinary ones. */
const LONGEST_WORD = 9;

/** The newest ones, for a process that meets many: each is a handful of spellings. */
const MOST_KNOWN = 100;

const known = new Set<string>();
let pattern: RegExp | null = null;

/** What short texts became: a report says the same few words of a thousand assets. */
const hidden = new Map<string, string>();
const MOST_HIDDEN = 500;
const LONGEST_HIDDEN = 200;

/**
 * Remembers the passwords in a URL, a keyword list (`host=… password=…`) or a text that was meant to be one, however
 * badly it is written: from now on hidePassword hides them wherever they stand and in every spelling.
 */
export function rememberSecrets(text: string): void {
  const shown = shownParts(text);
  for (const secret of findSecrets(text)) {
    // What is shown anyway, such as a user name, cannot be kept secret by being a password as well.
    if (!shown.has(secret)) rememberSecret(secret);
  }
}

/** Remembers a text that is a secret as a whole, such as a token. */
export function rememberSecret(secret: string): void {
  if (secret.length >= SHORTEST) {
    for (const form of formsOf(secret)) {
      if (known.has(form)) continue;
      known.add(form);
      pattern = null;
      hidden.clear();
    }
  }
  for (const oldest of known) {
    if (known.size <= MOST_KNOWN) break;
    known.delete(oldest);
  }
}

/** Hides passwords: those that are known, those of all URLs (before the @, as query parameter, encoded), and those of keyword lists. */
export function hidePassword(text: string): string {
  const before = hidden.get(text);
  if (before !== undefined) return before;
  const result = text.split(EXAMPLE_URL).map(hideIn).join(EXAMPLE_URL);
  if (text.length <= LONGEST_HIDDEN) {
    if (hidden.size >= MOST_HIDDEN) hidden.clear();
    hidden.set(text, result);
  }
  return result;
}

function hideIn(text: string): string {
  let plain = '';
  let end = 0;
  for (const place of findSecretPlaces(text)) {
    plain += text.slice(end, place[0]) + HIDDEN;
    end = place[1];
  }
  plain += text.slice(end);
  if (known.size === 0) return plain;
  pattern ??= patternOf([...known]);
  return plain.replace(pattern, HIDDEN);
}

/** Longest first, so that of two that begin alike nothing is left over. */
function patternOf(secrets: readonly string[]): RegExp {
  const choices = [...secrets]
    .sort((a, b) => b.length - a.length)
    .map((secret) => {
      const text = escapePattern(secret);
      if (secret.length > LONGEST_WORD) return text;
      const before = /^[\p{L}\p{N}]/u.test(secret) ? '(?<![\\p{L}\\p{N}])' : '';
      const after = /[\p{L}\p{N}]$/u.test(secret) ? '(?![\\p{L}\\p{N}])' : '';
      return `${before}${text}${after}`;
    });
  return new RegExp(choices.join('|'), 'gu');
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** User, host and path of a URL. */
function shownParts(text: string): Set<string> {
  if (!URL.canParse(text)) return new Set();
  const { username, hostname, pathname } = new URL(text);
  // A colon in the name, encoded, is the password of somebody who has encoded too much.
  return new Set([
    username.split(/%3a|%253a/i, 1)[0] ?? '',
    hostname,
    pathname.slice(1),
    text.split(':', 1)[0] ?? '',
  ]);
}

const USER_INFO = /^[^:]*:\/\/[^:@/?#]*:(.*)@/s;

function findSecrets(text: string): string[] {
  const inUserInfo = USER_INFO.exec(text.trim())?.[1];
  const inPlaces = findSecretPlaces(text).map(([start, end]) => text.slice(start, end));
  const unquoted = inPlaces.map((value) => value.replace(/^'(.*)'$/s, '$1').replace(/\\(.)/gs, '$1'));
  // A raw @ in it: what a driver takes for the password ends at the first one.
  const parsed = URL.canParse(text) ? new URL(text).password : '';
  return [inUserInfo ?? '', parsed, ...inPlaces, ...unquoted].filter((secret) => secret !== '');
}

/** The spellings of one secret: as it is, decoded, percent-encoded in either case, as JSON has it. */
function formsOf(secret: string): string[] {
  const decoded = decode(secret);
  const plain = [...new Set([secret, decoded, decode(secret.replaceAll('+', ' '))])];
  return plain
    .flatMap((each) => {
      const encoded = [encodeURIComponent(each.toWellFormed()), encodeURI(each.toWellFormed())];
      const doubled = encodeURIComponent(encoded[0] ?? '');
      const quoted = JSON.stringify(each).slice(1, -1);
      return [each, quoted, doubled, ...encoded, ...encoded.map(lowerHex), ...encoded.map(formEncoded)];
    })
    .filter((form) => form.length >= SHORTEST);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const lowerHex = (text: string): string => text.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase());
const formEncoded = (text: string): string => text.replaceAll('%20', '+');
