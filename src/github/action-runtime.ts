import { nodeRuntime } from '../runtime/node-runtime.ts';
import type { Interrupts, Runtime } from '../runtime/runtime.ts';

/** The version of connsync, which the build inserts. */
declare const CONNSYNC_VERSION: string;

export interface ActionRuntimeOptions {
  readonly cwd: string;
  readonly interrupts: Interrupts;
  readonly input: (name: string) => string;
  readonly print: (text: string) => void;
}

/** The environment variables for credentials, and the input that overrides each of them. */
const VARIABLES = { DD_API_KEY: 'api-key', DD_APP_KEY: 'app-key', DD_BEARER_TOKEN: 'bearer-token' } as const;

/**
 * Returns the runtime of a command inside the Action: all output goes to the step's log, keys come from the inputs
 * or, if those are empty, from the environment, and the API address comes only from its input.
 */
export function actionRuntime(
  process: NodeJS.Process,
  { cwd, interrupts, input, print }: ActionRuntimeOptions,
): Runtime {
  const base = nodeRuntime(process, { version: CONNSYNC_VERSION, packageFolder: cwd }, interrupts);
  const { DD_API_URL: _, ...env } = base.env;
  const given = Object.entries(VARIABLES).flatMap(([variable, name]) => {
    const value = input(name);
    return value === '' ? [] : [[variable, value] as const];
  });
  // An input overrides both names of its variable, `DD_…` and `DATADOG_…`.
  const shadowed = new Set(given.flatMap(([variable]) => [variable, variable.replace('DD_', 'DATADOG_')]));
  const output = { write: print, isTTY: false, columns: undefined };
  return {
    ...base,
    cwd,
    env: {
      ...Object.fromEntries(Object.entries(env).filter(([name]) => !shadowed.has(name))),
      ...Object.fromEntries(given),
    },
    stdout: output,
    stderr: output,
  };
}
