import type { TerminalStyle } from '../reporters/reporter.ts';
import type { CommonFlags } from '../commands/flags.ts';
import type { Output, Runtime } from './runtime.ts';

/** Wide enough for a list of fields, where nobody says how wide the screen is. */
const DEFAULT_WIDTH = 100;

/** How text may look: `--color`, then NO_COLOR, then FORCE_COLOR, then whether that stream is a terminal. */
export function terminalStyle(
  { color, quiet }: Pick<CommonFlags, 'color' | 'quiet'>,
  { env, stdout, stderr, now }: Pick<Runtime, 'env' | 'stdout' | 'stderr' | 'now'>,
): TerminalStyle {
  return {
    color: { out: isColored(color, env, stdout), err: isColored(color, env, stderr) },
    unicode: isUnicode(env),
    width: stdout.columns ?? stderr.columns ?? DEFAULT_WIDTH,
    live: stderr.isTTY && env['TERM'] !== 'dumb' && (env['CI'] ?? '') === '',
    quiet: quiet === true,
    now,
  };
}

function isColored(flag: CommonFlags['color'], env: Runtime['env'], stream: Output): boolean {
  if (flag !== 'auto') return flag === 'always';
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return stream.isTTY && env['TERM'] !== 'dumb';
}

/** The locale says it, in the order in which the C library looks; without one, CI logs and modern terminals are UTF-8. */
export function isUnicode(env: Runtime['env']): boolean {
  if (env['TERM'] === 'linux') return false;
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => value !== undefined && value !== '');
  return locale === undefined || /utf-?8/i.test(locale);
}
