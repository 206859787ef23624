import type { Code } from '../core/codes.ts';
import { ADOPTING } from './adopting.ts';
import type { Explanation } from './explanation.ts';
import { GUARDS, OURS } from './guards.ts';
import { PLANNING } from './planning.ts';
import { READING } from './reading.ts';
import { RULES } from './rules.ts';
import { SCHEMA } from './schema.ts';
import { STATE } from './state.ts';
import { DATADOG, TARGET } from './target.ts';
import { USAGE } from './usage.ts';
import { YAML } from './yaml.ts';

/** The explanation of every code. A code without an explanation is a compile error. */
export const EXPLANATIONS: Readonly<Record<Code, Explanation>> = {
  ...READING,
  ...YAML,
  ...SCHEMA,
  ...RULES,
  ...PLANNING,
  ...ADOPTING,
  ...USAGE,
  ...STATE,
  ...TARGET,
  ...DATADOG,
  ...GUARDS,
  ...OURS,
};

/** The codes by heading, in the order in which a run reaches them. */
export const GROUPS: readonly { readonly title: string; readonly codes: readonly Code[] }[] = [
  { title: 'Reading files', codes: codesOf(READING) },
  { title: 'YAML', codes: codesOf(YAML) },
  { title: 'Schema', codes: codesOf(SCHEMA) },
  { title: 'Rules within and across manifests', codes: codesOf(RULES) },
  { title: 'Usage and settings', codes: codesOf(USAGE) },
  { title: 'Local state', codes: codesOf(STATE) },
  { title: 'Target and permissions', codes: codesOf(TARGET) },
  { title: 'Datadog', codes: codesOf(DATADOG) },
  { title: 'Warnings of a plan', codes: codesOf(PLANNING) },
  { title: 'Guards', codes: codesOf(GUARDS) },
  { title: 'Import, accept, state', codes: codesOf(ADOPTING) },
  { title: 'Bugs in connsync', codes: codesOf(OURS) },
];

/** Returns the heading that lists a code. */
export function groupOf(code: Code): string {
  return GROUPS.find(({ codes }) => codes.includes(code))?.title ?? '';
}

function codesOf(chapter: { readonly [code in Code]?: Explanation }): readonly Code[] {
  return Object.keys(chapter) as Code[];
}
