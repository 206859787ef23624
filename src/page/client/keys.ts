/** Somebody writes, and every letter is theirs. */
export function isTyping({ target }: Event): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
}

export type Step = { readonly from: 'here'; readonly by: number } | { readonly from: 'start'; readonly to: number };

/** How many rows a page key passes. */
const PAGE = 10;

/** Where a key leads in the list. Arrows and the like mean it only there; elsewhere they scroll, or move between tabs. */
export function stepOf(event: KeyboardEvent, count: number): Step | undefined {
  if (isTyping(event)) return undefined;
  if (event.key === 'j') return { from: 'here', by: 1 };
  if (event.key === 'k') return { from: 'here', by: -1 };
  if (!(event.target instanceof HTMLElement) || event.target.id !== 'list') return undefined;
  switch (event.key) {
    case 'ArrowDown':
      return { from: 'here', by: 1 };
    case 'ArrowUp':
      return { from: 'here', by: -1 };
    case 'PageDown':
      return { from: 'here', by: PAGE };
    case 'PageUp':
      return { from: 'here', by: -PAGE };
    case 'Home':
      return { from: 'start', to: 0 };
    case 'End':
      return { from: 'start', to: count - 1 };
    default:
      return undefined;
  }
}
