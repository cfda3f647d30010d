/** Flags as arguments of a process of our own. */
import type { Option } from 'commander';
import type { OptionValues } from './option-types.js';
import { createOption, type OptionName } from './options.js';

/** These flags as they would be typed again, for a process of our own; what has no value is left out. */
export function argumentsOf(names: readonly OptionName[], values: OptionValues): string[] {
  const given = values as unknown as Record<string, unknown>;
  return names.flatMap((name) => {
    const option: Option = createOption(name);
    const value = given[option.attributeName()];
    if (option.negate) return value === false && option.long ? [option.long] : [];
    if (value === undefined || value === false || !option.long) return [];
    return value === true ? [option.long] : [option.long, String(value)];
  });
}
