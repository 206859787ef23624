import { EVENT_ID, type Event } from 'js-yaml';
import { quoted, readable, type Finding, type PlacedFinding } from './finding.ts';
import type { Name, Node, Outline } from './outline.ts';
import { hasLoneSurrogate, yaml11Type, plainValue } from './scalar.ts';

/** Finds YAML features that manifests don't allow, and text that JSON can't represent, before the schema is checked. */
export function yamlFindings(document: readonly Event[], found: Outline): readonly PlacedFinding[] {
  return [...properties(document), ...names(found), ...[...found.nodes.values()].flatMap(inNode)];
}

/**
 * Finds unquoted text that older tools read as something else. The caller leaves out values that already have an
 * error.
 */
export function ambiguousFindings({ nodes }: Outline): readonly Finding[] {
  return [...nodes.values()].flatMap((node) => {
    const { pointer, kind, name } = node;
    return [
      ...(name === undefined ? [] : ambiguous('the name', name, { pointer, at: 'name' })),
      ...(kind === 'scalar' ? ambiguous(readable(pointer), node, { pointer, at: 'value' }) : []),
    ];
  });
}

function ambiguous(
  subject: string,
  { text, plain }: Pick<Node, 'text' | 'plain'>,
  place: Pick<Finding, 'pointer' | 'at'>,
): readonly Finding[] {
  const other = plain ? yaml11Type(text) : undefined;
  if (other === undefined) return [];
  const message = `${subject} ${quoted(text)} is text in YAML 1.2, but ${other} in YAML 1.1`;
  return [{ code: 'ambiguous-scalar', message, hint: `write ${quoted(text)} with quotes`, ...place }];
}

// Finds tags and anchors, which precede a value or a name. An alias replaces the value, so `inNode` finds it.
function properties(document: readonly Event[]): readonly PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  for (const event of document) {
    if (event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP || event.type === EVENT_ID.ALIAS) continue;
    if (event.tagStart !== -1) {
      const span = { start: event.tagStart, end: event.tagEnd };
      findings.push({ code: 'yaml-tag', message: 'tags are not allowed in manifests', hint: 'delete the tag', span });
    }
    if (event.anchorStart !== -1) {
      const span = { start: event.anchorStart - 1, end: event.anchorEnd };
      findings.push({
        code: 'yaml-alias',
        message: 'anchors are not allowed in manifests',
        hint: 'delete the anchor',
        span,
      });
    }
  }
  return findings;
}

function names({ repeated, unusable }: Outline): readonly PlacedFinding[] {
  const twice = repeated.map((name) => ({
    code: 'duplicate-property' as const,
    message: `${quoted(name.text)} is repeated in this mapping`,
    hint: 'delete one of the two',
    span: name.span,
  }));
  const collections = unusable.map((span) => ({
    code: 'yaml-syntax' as const,
    message: 'a name must be text, not a list or a mapping',
    hint: 'quote it if the brackets are meant as text',
    span,
  }));
  return [...twice, ...collections];
}

function inNode({ pointer, kind, value, text, name }: Node): readonly PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  if (name !== undefined) findings.push(...inName(name, pointer));
  const about = { pointer, at: 'value' } as const;
  if (kind === 'alias') findings.push({ ...ALIAS, span: value, about });
  else if (hasLoneSurrogate(text)) findings.push({ ...HALF_CHARACTER, span: value, about });
  return findings;
}

function inName(name: Name, pointer: string): readonly PlacedFinding[] {
  const { span, text, plain } = name;
  const about = { pointer, at: 'name' } as const;
  if (name.alias) return [{ ...ALIAS, span, about }];
  if (hasLoneSurrogate(text)) return [{ ...HALF_CHARACTER, span, about }];
  if (!plain || typeof plainValue(text) === 'string') return [];
  const message = text === '' ? 'a name is missing here' : `a name must be text; write ${quoted(text)} with quotes`;
  const hint = text === '' ? 'write a name before the colon' : `write ${quoted(text)}: …`;
  return [{ code: 'wrong-type', message, hint, span, about }];
}

const ALIAS = {
  code: 'yaml-alias',
  message: 'aliases are not allowed in manifests',
  hint: 'write the value out',
} as const;

const HALF_CHARACTER = {
  code: 'lone-surrogate',
  message: 'this text contains half of a character (a lone surrogate)',
  hint: 'write the whole character, or \\U and its eight hex digits',
} as const;
