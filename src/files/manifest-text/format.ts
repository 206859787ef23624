import { isJson, writeJson } from './json.ts';
import { inOrder } from './order.ts';
import { readDocuments } from './read.ts';
import { writeDocuments } from './write.ts';

/**
 * Returns the manifest with its names in canonical order and spacing; comments, quotes and the order of fields stay.
 * A `.json` file that contains JSON stays JSON. The text must be one that `loadManifest` accepts without an error.
 * Never throws for such text, and returns it unchanged if `yaml` can't split it into its parts.
 */
export function formatManifest(text: string, file: string): string {
  const source = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const documents = readDocuments(source);
  if (documents === undefined) return text;
  const ordered = documents.map((document) => ({ ...document, root: inOrder(document.root) }));
  const [only] = ordered;
  if (only !== undefined && file.endsWith('.json') && isJson(source)) return `${writeJson(only.root, '  ')}\n`;
  return writeDocuments(ordered);
}
