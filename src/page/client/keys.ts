/** Returns whether the user is typing in a text field or a menu, so that keys must not act as shortcuts. */
export function isTyping({ target }: Event): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
}

export type Move = { readonly from: 'here'; readonly by: number } | { readonly from: 'start'; readonly to: number };

/** Number of rows that Page Up and Page Down move the selection by. */
const PAGE = 10;

/** Returns how a key moves the selection. Arrow keys work only in the list; elsewhere they scroll or switch tabs. */
export function moveOf(event: KeyboardEvent, count: number): Move | undefined {
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
