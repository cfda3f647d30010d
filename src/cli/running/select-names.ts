import { UsageError } from '../../domain/text/errors.js';

/** Checks names that `--only` gave against the list of a component. Throws UsageError naming the unknown one and the list. */
export function selectNames<T extends string>(
  names: readonly string[] | undefined,
  known: readonly T[],
): T[] | null {
  if (names === undefined) return null;
  for (const name of names) {
    if (!known.includes(name as T)) throw new UsageError(`--only knows ${known.join(', ')}; got "${name}"`);
  }
  return known.filter((name) => names.includes(name));
}
