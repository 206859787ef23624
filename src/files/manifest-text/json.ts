import { doubleQuoted } from './scalar.ts';
import type { TextNode, Scalar } from './tree.ts';

/** Returns a tree as JSON, indented by `step` per level. Without `step`, it is on one line. Escapes stay as written. */
export function writeJson(node: TextNode, step: string | undefined, margin = ''): string {
  if (node.kind === 'scalar') return jsonScalar(node);
  const [open, close] = node.kind === 'mapping' ? ['{', '}'] : ['[', ']'];
  if (node.entries.length === 0) return open + close;
  const inner = step === undefined ? '' : margin + step;
  const items = node.entries.map(({ name, value }) => {
    const item = writeJson(value, step, inner);
    return name === undefined ? item : `${jsonScalar(name)}: ${item}`;
  });
  if (step === undefined) return open + items.join(', ') + close;
  return `${open}\n${items.map((item) => inner + item).join(',\n')}\n${margin}${close}`;
}

function jsonScalar({ style, source, value }: Scalar): string {
  if (style === 'double') return source;
  return style === 'plain' && /^(?:true|false)$/.test(source) ? source : doubleQuoted(value);
}

/** Returns the indentation of a JSON text, or undefined if it is on one line. */
export function indentOf(text: string): string | undefined {
  return /^\s*\{\r?\n([ \t]+)/.exec(text)?.[1];
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
