/** Light, dark, or as the system is. */
import type { JSX } from 'preact';
import { chooseTheme, THEMES, useTheme } from './shared/theme.js';

const SIGNS = { system: '◐', light: '☀', dark: '☾' } as const;
const WORDS = { system: 'as the system', light: 'light', dark: 'dark' } as const;

/** Goes to the next of the three. */
export function ThemeButton(): JSX.Element {
  const { theme } = useTheme();
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
  const words = `Colours: ${WORDS[theme]}. Change to ${WORDS[next]}`;
  return (
    <button type="button" class="theme" aria-label={words} title={words} onClick={() => chooseTheme(next)}>
      <span aria-hidden="true">{SIGNS[theme]}</span>
    </button>
  );
}
