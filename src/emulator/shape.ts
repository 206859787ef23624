import type { Complaint } from './response.ts';

/** Path of a value in a body: names of members and indexes of lists. */
export type Path = readonly (string | number)[];

/** Returns the errors of a value; the list is empty if the value has the right shape. */
export type Shape = (value: unknown, path: Path) => readonly Complaint[];

export const text: Shape = (value, path) =>
  typeof value === 'string' ? FINE : [complain(path, `must be a string; it is ${kindOf(value)}.`)];

/** Accepts any text that is not empty. An empty id is rejected, because no URL could contain it. */
export const identifier: Shape = (value, path) =>
  value === '' ? [complain(path, 'must not be empty.')] : text(value, path);

export function exactly(wanted: string | number): Shape {
  return (value, path) => (value === wanted ? FINE : [complain(path, `must be ${JSON.stringify(wanted)}.`)]);
}

export function listOf(item: Shape): Shape {
  return (value, path) =>
    Array.isArray(value)
      ? value.flatMap((element: unknown, index) => item(element, [...path, index]))
      : [complain(path, `must be a list; it is ${kindOf(value)}.`)];
}

/** Returns the shape of an object with arbitrary names, whose values all have the shape `member`. */
export function mapOf(member: Shape): Shape {
  return (value, path) =>
    isObject(value)
      ? Object.entries(value).flatMap(([name, inner]) => member(inner, [...path, name]))
      : [complain(path, `must be an object; it is ${kindOf(value)}.`)];
}

/**
 * Returns the shape of an object with known members. Other members are accepted, because Datadog's API may add some.
 */
export function record(required: Readonly<Record<string, Shape>>, optional: Readonly<Record<string, Shape>>): Shape {
  const members = Object.entries({ ...required, ...optional });
  return (value, path) => {
    if (!isObject(value)) return [complain(path, `must be an object; it is ${kindOf(value)}.`)];
    return members.flatMap(([name, shape]) => {
      const at = [...path, name];
      if (Object.hasOwn(value, name)) return shape(value[name], at);
      return Object.hasOwn(required, name) ? [complain(at, 'is required.')] : FINE;
    });
  };
}

/** Returns an error for the value at a path: `data.attributes.fields[0].id must be a string; it is a number.` */
export function complain(path: Path, predicate: string): Complaint {
  return { detail: `${spoken(path)} ${predicate}`, pointer: pointerTo(path) };
}

const FINE: readonly Complaint[] = [];

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function spoken(path: Path): string {
  if (path.length === 0) return 'The body';
  return path.map((step, depth) => (typeof step === 'number' ? `[${step}]` : depth === 0 ? step : `.${step}`)).join('');
}

function pointerTo(path: Path): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
