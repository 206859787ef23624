import { isJson, writeJson } from './json.ts';
import { inOrder } from './order.ts';
import { readDocuments } from './read.ts';
import { writeDocuments } from './write.ts';

/**
 * The same manifest with its names in order and in the one spacing; comments, quotes and the order of fields stay. A
 * `.json` file that is JSON stays JSON. Only for text that `loadManifest` accepts without an error; never throws for it,
 * and gives it back as it is where `yaml` can't make out its parts.
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
