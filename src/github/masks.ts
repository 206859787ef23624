/** The inputs that contain a secret. */
const SECRET_INPUTS = ['api-key', 'app-key', 'bearer-token', 'github-token'] as const;
/** Minimum length of a text to mask. Masking one or two characters would hide unrelated output. */
const MIN_SECRET_LENGTH = 4;

/**
 * Returns every secret of this run in each form that could appear: as given, trimmed, in base64, and in
 * `Authorization: basic`. The runner then masks them in all further output.
 */
export function secretsOf(get: (input: string) => string, variables: readonly string[]): readonly string[] {
  const values = [...SECRET_INPUTS.map(get), ...variables]
    .flatMap((value) => [value, value.trim()])
    .filter((value) => value.length >= MIN_SECRET_LENGTH);
  const forms = values.flatMap((value) => [
    value,
    Buffer.from(value).toString('base64'),
    Buffer.from(`x-access-token:${value}`).toString('base64'),
  ]);
  return [...new Set(forms)];
}
