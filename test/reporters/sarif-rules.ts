import { expect } from 'vitest';

/** The parts of a SARIF log that the tests check. */
export interface SarifLog {
  readonly runs: readonly {
    readonly tool: {
      readonly driver: {
        readonly name: string;
        readonly version: string;
        readonly rules: readonly {
          readonly id: string;
          readonly shortDescription: { readonly text: string };
          readonly fullDescription: { readonly text: string };
          readonly help: { readonly text: string; readonly markdown: string };
        }[];
      };
    };
    readonly invocations: readonly object[];
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly message: { readonly text: string };
      readonly locations: readonly {
        readonly physicalLocation: {
          readonly artifactLocation: { readonly uri: string };
          readonly region?: Readonly<Record<string, number>>;
        };
      }[];
    }[];
  }[];
}

/**
 * The members that the SARIF 2.1.0 schema allows in connsync’s output. It allows no others and requires those marked
 * with `!`.
 */
const MEMBERS = {
  log: ['$schema', 'version!', 'runs!'],
  run: ['tool!', 'invocations', 'originalUriBaseIds', 'columnKind', 'results'],
  driver: ['name!', 'version', 'rules'],
  rule: ['id!', 'shortDescription', 'fullDescription', 'help', 'defaultConfiguration'],
  invocation: ['executionSuccessful!', 'exitCode', 'toolExecutionNotifications'],
  notification: ['descriptor', 'level', 'message!'],
  result: ['ruleId', 'ruleIndex', 'level', 'message!', 'locations'],
  artifactLocation: ['uri', 'uriBaseId'],
  region: ['startLine', 'startColumn', 'endLine', 'endColumn'],
} as const;

/**
 * Checks a document against the essentials of the SARIF schema and against the additional requirements of code
 * scanning.
 */
export function checkSarif(document: unknown): SarifLog {
  const log = document as SarifLog & { readonly version: string };
  members(log, 'log');
  expect(log.version).toBe('2.1.0');
  expect(log.runs).toHaveLength(1);
  for (const run of log.runs) {
    members(run, 'run');
    expect(run).toMatchObject({ columnKind: 'utf16CodeUnits', originalUriBaseIds: { '%SRCROOT%': {} } });
    members(run.tool.driver, 'driver');
    const { rules } = run.tool.driver;
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    for (const rule of rules) members(rule, 'rule');
    for (const invocation of run.invocations) members(invocation, 'invocation');
    for (const result of run.results) {
      members(result, 'result');
      expect(rules[result.ruleIndex]?.id).toBe(result.ruleId);
      expect(['error', 'warning']).toContain(result.level);
      expect(result.message.text).not.toBe('');
      expect(result.locations).toHaveLength(1);
      for (const { physicalLocation } of result.locations) checkPlace(physicalLocation);
    }
  }
  return log;
}

function checkPlace({
  artifactLocation,
  region,
}: SarifLog['runs'][0]['results'][0]['locations'][0]['physicalLocation']): void {
  members(artifactLocation, 'artifactLocation');
  expect(artifactLocation.uri).toMatch(/^(?:[\w.~!*'()/-]|%[0-9A-F]{2}|^file:\/\/\/(?:[A-Za-z]:)?)*$/);
  if (region === undefined) return;
  members(region, 'region');
  for (const value of Object.values(region)) expect(Number.isInteger(value) && value >= 1).toBe(true);
  const { startLine = 0, endLine = startLine } = region;
  expect(endLine).toBeGreaterThanOrEqual(startLine);
}

function members(value: object, shape: keyof typeof MEMBERS): void {
  const known = MEMBERS[shape].map((name) => name.replace('!', ''));
  const required = MEMBERS[shape].filter((name) => name.endsWith('!')).map((name) => name.slice(0, -1));
  expect(known).toEqual(expect.arrayContaining(Object.keys(value)));
  expect(Object.keys(value)).toEqual(expect.arrayContaining(required));
}
