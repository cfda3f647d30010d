/** Numbers that options take. */
import { InvalidArgumentError } from 'commander';

const MOST_SEED = 2 ** 32 - 1;
/** More than a week; timers of Node count up to 2^31 milliseconds. */
const MOST_SECONDS = 1_000_000;

/** Hours above 0. Throws InvalidArgumentError. */
export function parseHours(text: string): number {
  const hours = text.trim() === '' ? Number.NaN : Number(text);
  if (!(Number.isFinite(hours) && hours > 0))
    throw new InvalidArgumentError('A number of hours above 0 was expected.');
  return hours;
}

/** Seconds above 0, up to more than a week. Throws InvalidArgumentError. */
export function parseSeconds(text: string): number {
  const seconds = text.trim() === '' ? Number.NaN : Number(text);
  if (!(seconds > 0 && seconds <= MOST_SECONDS))
    throw new InvalidArgumentError(`Seconds above 0, up to ${MOST_SECONDS}, were expected.`);
  return seconds;
}

/** Percent above 0, up to 100. Throws InvalidArgumentError. */
export function parsePercent(text: string): number {
  const percent = text.trim() === '' ? Number.NaN : Number(text);
  if (!(percent > 0 && percent <= 100))
    throw new InvalidArgumentError('Percent above 0, up to 100, was expected.');
  return percent;
}

/** A whole number of 32 bits. Throws InvalidArgumentError. */
export function parseSeed(text: string): number {
  const seed = /^[0-9]{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(seed <= MOST_SEED))
    throw new InvalidArgumentError(`A whole number from 0 to ${MOST_SEED} was expected.`);
  return seed;
}

/** A whole number from 1 to 999. Throws InvalidArgumentError. */
export function parseCount(text: string): number {
  if (!/^[1-9][0-9]{0,2}$/.test(text))
    throw new InvalidArgumentError('A whole number from 1 to 999 was expected.');
  return Number(text);
}
