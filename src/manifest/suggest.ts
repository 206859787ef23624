import { closestMatch } from 'leven';

const MIN_TYPO_LENGTH = 3;
const MAX_TYPO_LENGTH = 64;

/** Returns the name that was probably meant, in any spelling, or undefined if none is similar. */
export function nearest(text: string, names: readonly string[]): string | undefined {
  if (text.length < MIN_TYPO_LENGTH || text.length > MAX_TYPO_LENGTH) return undefined;
  const plain = simplified(text);
  const same = names.find((name) => simplified(name) === plain);
  if (same !== undefined) return same;
  // Two swapped letters count as two edits.
  const maxDistance = text.length < 5 ? 1 : Math.max(2, Math.floor(text.length / 3));
  return closestMatch(text.toLowerCase(), names, { maxDistance });
}

/** Returns `did you mean "x"?`, or `otherwise` if no name is similar. */
export function didYouMean(text: string, names: readonly string[], otherwise: string): string {
  const near = nearest(text, names);
  return near === undefined ? otherwise : `did you mean "${near}"?`;
}

// Returns a name without case and punctuation, so that displayName, display-name and Display_Name are the same.
function simplified(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '');
}
