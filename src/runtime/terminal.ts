import type { TerminalStyle } from '../reporters/reporter.ts';
import type { Output, Runtime } from './runtime.ts';

/** The width in columns if neither stream is a terminal. */
const DEFAULT_WIDTH = 100;

interface StyleFlags {
  readonly color: 'auto' | 'always' | 'never';
  readonly quiet?: true;
}

/**
 * Returns the text style. Precedence for color: `--color`, NO_COLOR, FORCE_COLOR, then whether the stream is a
 * terminal.
 */
export function terminalStyle(
  { color, quiet }: StyleFlags,
  { env, stdout, stderr, clock }: Pick<Runtime, 'env' | 'stdout' | 'stderr' | 'clock'>,
): TerminalStyle {
  return {
    color: { out: isColored(color, env, stdout), err: isColored(color, env, stderr) },
    unicode: isUnicode(env),
    width: stdout.columns ?? stderr.columns ?? DEFAULT_WIDTH,
    live: stderr.isTTY && env['TERM'] !== 'dumb' && (env['CI'] ?? '') === '',
    quiet: quiet === true,
    now: clock.now,
  };
}

function isColored(flag: StyleFlags['color'], env: Runtime['env'], stream: Output): boolean {
  if (flag !== 'auto') return flag === 'always';
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return stream.isTTY && env['TERM'] !== 'dumb';
}

/**
 * Returns whether the terminal can print Unicode. The locale variables decide, in the order of the C library; without
 * a locale it is true, because CI logs and modern terminals use UTF-8.
 */
export function isUnicode(env: Runtime['env']): boolean {
  if (env['TERM'] === 'linux') return false;
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => value !== undefined && value !== '');
  return locale === undefined || /utf-?8/i.test(locale);
}
