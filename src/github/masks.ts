/** Inputs that hold a secret. */
const SECRET_INPUTS = ['api-key', 'app-key', 'bearer-token', 'github-token'] as const;
/** A mask of a character or two would blot out everything. */
const SHORTEST = 4;

/**
 * Every secret of this run, and the forms in which one could turn up: as it is, without white space around it, and as base64 alone and
 * in `Authorization: basic`. The runner masks each of them in everything that is printed after.
 */
export function secretsOf(get: (input: string) => string, variables: readonly string[]): readonly string[] {
  const values = [...SECRET_INPUTS.map(get), ...variables]
    .flatMap((value) => [value, value.trim()])
    .filter((value) => value.length >= SHORTEST);
  const forms = values.flatMap((value) => [
    value,
    Buffer.from(value).toString('base64'),
    Buffer.from(`x-access-token:${value}`).toString('base64'),
  ]);
  return [...new Set(forms)];
}
