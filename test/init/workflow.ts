import { parse } from 'yaml';
import { templateText, type TemplateName } from '../../src/init/templates.ts';

/** The parts of a workflow that the templates use. */
export interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: object;
  readonly concurrency?: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly name?: string;
  readonly if?: string;
  readonly environment?: string;
  readonly permissions?: object;
  readonly concurrency?: object;
  readonly 'timeout-minutes'?: number;
  readonly steps: readonly Step[];
}

export interface Step {
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

export const ACTION = {
  repository: 'acme/connsync',
  commit: '0123456789abcdef0123456789abcdef01234567',
  version: 'v1.2.3',
};

export function template(name: TemplateName): Workflow {
  return parse(templateText(name, { action: ACTION })) as Workflow;
}

export function jobs(workflow: Workflow): readonly (readonly [string, Job])[] {
  return Object.entries(workflow.jobs);
}

export function steps(workflow: Workflow): readonly Step[] {
  return Object.values(workflow.jobs).flatMap((job) => job.steps);
}

/** Returns the one branch that a GitHub pattern matches, if everything in it is escaped. */
export function allowed(patterns: readonly string[]): readonly string[] {
  return patterns.map((pattern) => {
    if (/(?<!\\)[*?+![\]]/.test(pattern)) throw new Error(`${pattern} stands for more than one branch`);
    return pattern.replaceAll(/\\([*?+![\]])/g, '$1');
  });
}
