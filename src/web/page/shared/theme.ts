/** Light, dark, or as the system is: kept in this browser, because it says nothing about the data. */
import { useEffect, useState } from 'preact/hooks';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'barwright-theme';
/** Sent when a theme was chosen. */
const CHANGED = 'barwright-theme';
const SYSTEM = matchMedia('(prefers-color-scheme: dark)');

/** What was chosen last; as the system is where nothing was, or where the browser keeps nothing. */
function readTheme(): Theme {
  const { theme } = document.documentElement.dataset;
  return THEMES.find((each) => each === theme) ?? 'system';
}

/** Shows a theme and keeps it. */
export function chooseTheme(theme: Theme): void {
  show(theme);
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // A browser that keeps nothing shows it until the page is left.
  }
  dispatchEvent(new Event(CHANGED));
}

/** Shows what was kept, before anything is drawn. */
export function restoreTheme(): void {
  try {
    const kept = localStorage.getItem(KEY);
    show(THEMES.find((each) => each === kept) ?? 'system');
  } catch {
    show('system');
  }
}

function show(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
}

/** Whether it is dark now. */
export function isDark(): boolean {
  const theme = readTheme();
  return theme === 'dark' || (theme === 'system' && SYSTEM.matches);
}

/** Calls `listener` whenever colours change, by the button or by the system. Returns what ends that. */
export function onThemeChange(listener: () => void): () => void {
  addEventListener(CHANGED, listener);
  SYSTEM.addEventListener('change', listener);
  return () => {
    removeEventListener(CHANGED, listener);
    SYSTEM.removeEventListener('change', listener);
  };
}

/** The theme that was chosen and whether it is dark; the component is drawn again when either changes. */
export function useTheme(): { theme: Theme; isDark: boolean } {
  const read = () => ({ theme: readTheme(), isDark: isDark() });
  const [shown, setShown] = useState(read);
  useEffect(() => onThemeChange(() => setShown(read())), []);
  return shown;
}
