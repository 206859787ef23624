import { Writable } from 'node:stream';
import { cancel, confirm, intro, isCancel, select } from '@clack/prompts';
import { SITES } from '../../datadog/site.ts';
import { withDefaults, type Known, type Questions, type Answers } from '../../init/answers.ts';
import type { TerminalStyle } from '../../reporters/reporter.ts';
import { LOCAL_SITE } from '../../session/destination.ts';
import type { Runtime } from '../../runtime/runtime.ts';

/** Asks on stderr for what is open, one question after the other. Undefined where somebody leaves with Ctrl-C. */
export async function askOpen(
  open: Questions,
  known: Known,
  runtime: Runtime,
  terminal: TerminalStyle,
): Promise<Answers | undefined> {
  const screen = { input: runtime.stdin, output: screenFor(runtime.stderr, terminal), signal: runtime.interrupts.stop };
  intro('connsync init', screen);
  const said: { -readonly [Name in keyof Questions]: Questions[Name] } = { ...open };

  if (said.site === undefined) {
    const site = await select({
      ...screen,
      message: 'Which Datadog site is your organisation on?',
      initialValue: known.site,
      options: [
        ...SITES.map((value) => ({ value: value as string })),
        { value: LOCAL_SITE, hint: 'no account: an emulator inside connsync' },
      ],
    });
    if (isCancel(site)) return leave(screen);
    said.site = site;
  }
  if (said.fromLive === undefined && known.keys && said.site !== LOCAL_SITE) {
    const fromLive = await confirm({
      ...screen,
      message: `Keys are set. Import everything that is live at ${said.site}?`,
    });
    if (isCancel(fromLive)) return leave(screen);
    said.fromLive = fromLive;
  }
  if (said.example === undefined && said.fromLive !== true && !known.manifests) {
    const example = await confirm({ ...screen, message: 'Write an example manifest, explained line by line?' });
    if (isCancel(example)) return leave(screen);
    said.example = example;
  }
  if (said.workflows === undefined) {
    const workflows = await confirm({ ...screen, message: 'Write workflows for GitHub: plan, apply on merge, drift?' });
    if (isCancel(workflows)) return leave(screen);
    said.workflows = workflows;
  }
  runtime.stderr.write('\n');
  return withDefaults(said, known);
}

function leave(screen: { readonly output: Writable }): undefined {
  cancel('Nothing was written.', screen);
  return undefined;
}

/** Clack's own twins of its symbols, which it chooses by other signs than the locale. */
const TWINS: Readonly<Record<string, string>> = {
  '◆': '*',
  '◇': 'o',
  '■': 'x',
  '▲': 'x',
  '┌': 'T',
  '│': '|',
  '└': '-',
  '●': '>',
  '○': ' ',
  '…': '...',
  '↑': '^',
  '↓': 'v',
  '•': '-',
};

/** The terminal as the library wants it, with colours and symbols as everywhere else. */
function screenFor(stderr: Runtime['stderr'], { color, unicode }: TerminalStyle): Writable {
  const shown = (text: string): string => {
    const plain = color.err ? text : text.replaceAll(/\u001B\[[\d;]*m/g, '');
    return unicode ? plain : plain.replaceAll(/[^\u0000-\u007F]/g, (sign) => TWINS[sign] ?? '?');
  };
  const screen = new Writable({
    write: (chunk, _encoding, done) => {
      stderr.write(shown(String(chunk)));
      done();
    },
  });
  return Object.assign(screen, { isTTY: true, columns: stderr.columns ?? 80 });
}
