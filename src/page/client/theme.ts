/** The theme that the reader chose; `auto` follows the system. */
export type Theme = 'auto' | 'light' | 'dark';

const THEMES = ['auto', 'light', 'dark'] as const satisfies readonly Theme[];
const NAME = 'connsync-theme';

export function storedTheme(): Theme {
  try {
    const stored = localStorage.getItem(NAME);
    return THEMES.find((theme) => theme === stored) ?? 'auto';
  } catch {
    // Reading the storage may fail, for example on a page opened from disk.
    return 'auto';
  }
}

export function useTheme(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme;
  try {
    localStorage.setItem(NAME, theme);
  } catch {
    // Without storage, the choice lasts only until the page is closed.
  }
}

export function nextTheme(theme: Theme): Theme {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto';
}
