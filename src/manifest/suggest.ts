import { closestMatch } from 'leven';

const SHORTEST_TYPO = 3;
const LONGEST_TYPO = 64;

/** The one of several names that was probably meant, however it was spelt; undefined where none comes near. */
export function nearest(text: string, names: readonly string[]): string | undefined {
  if (text.length < SHORTEST_TYPO || text.length > LONGEST_TYPO) return undefined;
  const plain = simplified(text);
  const same = names.find((name) => simplified(name) === plain);
  if (same !== undefined) return same;
  // Two letters that changed places are two steps apart.
  const maxDistance = text.length < 5 ? 1 : Math.max(2, Math.floor(text.length / 3));
  return closestMatch(text.toLowerCase(), names, { maxDistance });
}

/** `did you mean "x"?`, or else what would be right. */
export function didYouMean(text: string, names: readonly string[], otherwise: string): string {
  const near = nearest(text, names);
  return near === undefined ? otherwise : `did you mean "${near}"?`;
}

// displayName, display-name and Display_Name are all the same word.
function simplified(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '');
}
