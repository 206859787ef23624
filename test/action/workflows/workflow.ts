import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node, type YAMLMap } from 'yaml';
import type { YamlSource } from './sources.ts';

export interface Step {
  readonly line: number;
  readonly uses: string | undefined;
  /** The comment after `uses`. */
  readonly usesComment: string | undefined;
  readonly run: string | undefined;
  readonly with: Readonly<Record<string, unknown>>;
}

export interface Job {
  readonly id: string;
  readonly line: number;
  readonly permissions: unknown;
  readonly timeoutMinutes: unknown;
  readonly concurrency: unknown;
  /** Of a job that calls another workflow. */
  readonly uses: string | undefined;
  readonly steps: readonly Step[];
}

/** The parts of a workflow that the traps check, with lines of the file. */
export interface Workflow {
  readonly file: string;
  readonly line: number;
  readonly events: readonly string[];
  readonly permissions: unknown;
  readonly concurrency: unknown;
  readonly jobs: readonly Job[];
}

export function readWorkflow({ file, before, text }: YamlSource): Workflow {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  const lineOf = (node: unknown): number => before + counter.linePos((node as Node | undefined)?.range?.[0] ?? 0).line;
  const root = document.contents;
  if (!isMap(root)) throw new Error(`${file} is no workflow`);
  const jobs = root.get('jobs');
  const top = root.toJS(document) as Record<string, unknown>;
  return {
    file,
    line: before + 1,
    events: eventsOf(top['on']),
    permissions: top['permissions'],
    concurrency: top['concurrency'],
    jobs: isMap(jobs)
      ? jobs.items.map(({ key, value }) => jobOf(String(key), lineOf(key), value as YAMLMap, lineOf))
      : [],
  };
}

function eventsOf(on: unknown): readonly string[] {
  if (typeof on === 'string') return [on];
  return Array.isArray(on) ? on.map(String) : Object.keys(Object(on) as object);
}

function jobOf(id: string, line: number, job: YAMLMap, lineOf: (node: unknown) => number): Job {
  const steps = job.get('steps');
  return {
    id,
    line,
    permissions: plain(job.get('permissions')),
    timeoutMinutes: plain(job.get('timeout-minutes')),
    concurrency: plain(job.get('concurrency')),
    uses: textOf(job.get('uses')),
    steps: isSeq(steps) ? steps.items.map((step) => stepOf(step as YAMLMap, lineOf(step))) : [],
  };
}

function stepOf(step: YAMLMap, line: number): Step {
  const uses = step.get('uses', true);
  return {
    line,
    uses: textOf(uses?.value),
    usesComment: isScalar(uses) ? uses.comment?.trim() : undefined,
    run: textOf(step.get('run')),
    with: Object(plain(step.get('with'))) as Record<string, unknown>,
  };
}

function plain(node: unknown): unknown {
  return isMap(node) || isSeq(node) ? (node.toJSON() as unknown) : node;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
