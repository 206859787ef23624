import { load } from 'js-yaml';

/** The parts of an action.yml that the rig reads. */
export interface ActionFile {
  /** The default of each input that has one. */
  readonly defaults: Readonly<Record<string, string>>;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export function readActionFile(text: string): ActionFile {
  const { inputs = {}, outputs = {} } = load(text) as {
    inputs?: Record<string, { default?: unknown } | null>;
    outputs?: Record<string, unknown>;
  };
  const defaults = Object.entries(inputs).flatMap(([name, input]) => {
    const value = input?.default;
    return value === undefined || value === null ? [] : [[name, scalarText(value)] as const];
  });
  return { defaults: Object.fromEntries(defaults), inputs: Object.keys(inputs), outputs: Object.keys(outputs) };
}

/**
 * Returns the INPUT_ variables that the runner sets: one for each declared input, empty if it has neither a value nor
 * a default, and one for each given but undeclared input. Spaces become underscores, dashes stay.
 */
export function inputVariables(
  { inputs, defaults }: ActionFile,
  given: Readonly<Record<string, string>>,
  token: string,
): Record<string, string> {
  const names = [...new Set([...inputs, ...Object.keys(given)])];
  return Object.fromEntries(
    names.map((name) => {
      const value = given[name] ?? evaluated(defaults[name] ?? '', token);
      return [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value];
    }),
  );
}

/** The only expression that a default may contain here is the job's token. */
function evaluated(text: string, token: string): string {
  return text.replaceAll(/\$\{\{\s*(.*?)\s*\}\}/g, (whole, expression: string) => {
    if (expression === 'github.token') return token;
    throw new Error(`the rig can't evaluate ${whole}`);
  });
}

function scalarText(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`a default is no scalar: ${JSON.stringify(value)}`);
}
