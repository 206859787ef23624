import { CST } from 'yaml';
import type { CommentSource } from './comments.ts';
import type { Scalar } from './tree.ts';

/** Returns a scalar's value and its source. The source loses only the indentation of its continuation lines. */
export function readScalar(token: CST.FlowScalar | CST.BlockScalar, page: CommentSource): Scalar | undefined {
  const value = CST.resolveAsScalar(token, false, () => {})?.value;
  if (value === undefined) return undefined;
  if (token.type === 'block-scalar') {
    const block = readBlock(token, value, page);
    if (block !== undefined) page.blocks.push(block);
    return block;
  }
  const style = token.type === 'scalar' ? 'plain' : token.type === 'single-quoted-scalar' ? 'single' : 'double';
  const [first = '', ...more] = token.source.split(/\r?\n/);
  const lines = [first, ...more.map((line) => line.replace(/^[ \t]+/, ''))];
  const { offset: start } = token;
  return { kind: 'scalar', style, source: lines.join('\n'), value, start, end: start + token.source.length };
}

function readBlock(token: CST.BlockScalar, value: string, { source }: CommentSource): Scalar | undefined {
  const header = token.props.find(({ type }) => type === 'block-scalar-header');
  const above = token.props.at(-1);
  if (header === undefined || above === undefined || !('source' in header && 'source' in above)) return undefined;
  const first = above.offset + above.source.length;
  const digit = /\d/.exec(header.source)?.[0];
  const margin = digit === undefined ? undefined : token.indent + Number(digit);
  const written = token.source + spacesBelow(source, first + token.source.length);
  const lines = withoutMargin(written.split(/\r?\n/), margin);
  const count = header.source.includes('+') ? lines.length : lines.findLastIndex((line) => line !== '') + 1;
  const body = written.split('\n').slice(0, count).join('\n').replace(/\r$/, '');
  // The digit is the text's indentation relative to the parent, which is two spaces in everything that connsync writes.
  const mark = digit === undefined ? header.source : header.source.replace(digit, '2');
  return {
    kind: 'scalar',
    style: 'block',
    source: [mark, ...lines.slice(0, count)].join('\n'),
    value,
    start: header.offset,
    end: count === 0 ? header.offset + header.source.length : first + body.length,
  };
}

/**
 * Returns the blank lines below a block scalar. If its header has a digit, `yaml` drops some of these lines although
 * they belong to the text.
 */
function spacesBelow(source: string, offset: number): string {
  const below = /(?: *\r?\n)*(?: +$)?/y;
  below.lastIndex = offset;
  return below.exec(source)?.[0] ?? '';
}

/** Returns the lines of a block without their common indentation. */
function withoutMargin(lines: readonly string[], given: number | undefined): readonly string[] {
  const margin = given ?? /^ */.exec(lines.find((line) => /[^ ]/.test(line)) ?? '')?.[0].length ?? 0;
  const own = lines.map((line) => (/^ *$/.test(line) && line.length <= margin ? '' : line.slice(margin)));
  // Text after the last line break counts as a line only if it is not empty.
  return own.at(-1) === '' ? own.slice(0, -1) : own;
}
