import { Writable } from 'node:stream';
import { cancel, confirm, intro, isCancel, select } from '@clack/prompts';
import { SITES } from '../../datadog/site.ts';
import { withDefaults, type Known, type Questions, type Answers } from '../../init/answers.ts';
import type { TerminalStyle } from '../../reporters/reporter.ts';
import { LOCAL_SITE } from '../../session/destination.ts';
import type { Runtime } from '../../runtime/runtime.ts';

/** Asks, on stderr, the questions that the flags don't answer. Returns undefined if the user cancels with Ctrl-C. */
export async function askQuestions(
  open: Questions,
  known: Known,
  runtime: Runtime,
  terminal: TerminalStyle,
): Promise<Answers | undefined> {
  const screen = { input: runtime.stdin, output: outputFor(runtime.stderr, terminal), signal: runtime.interrupts.stop };
  intro('connsync init', screen);
  const answers: { -readonly [Name in keyof Questions]: Questions[Name] } = { ...open };

  if (answers.site === undefined) {
    const site = await select({
      ...screen,
      message: 'Which Datadog site does your organisation use?',
      initialValue: known.site,
      options: [
        ...SITES.map((value) => ({ value: value as string })),
        { value: LOCAL_SITE, hint: 'the embedded emulator: no account needed' },
      ],
    });
    if (isCancel(site)) return cancelled(screen);
    answers.site = site;
  }
  if (answers.fromLive === undefined && known.keys && answers.site !== LOCAL_SITE) {
    const fromLive = await confirm({
      ...screen,
      message: `Keys are set. Import every live connection from ${answers.site}?`,
    });
    if (isCancel(fromLive)) return cancelled(screen);
    answers.fromLive = fromLive;
  }
  if (answers.example === undefined && answers.fromLive !== true && !known.manifests) {
    const example = await confirm({ ...screen, message: 'Write an example manifest, explained line by line?' });
    if (isCancel(example)) return cancelled(screen);
    answers.example = example;
  }
  if (answers.workflows === undefined) {
    const workflows = await confirm({
      ...screen,
      message: 'Write GitHub workflows for plan, apply on merge, and drift?',
    });
    if (isCancel(workflows)) return cancelled(screen);
    answers.workflows = workflows;
  }
  runtime.stderr.write('\n');
  return withDefaults(answers, known);
}

function cancelled(screen: { readonly output: Writable }): undefined {
  cancel('Nothing was written.', screen);
  return undefined;
}

/** ASCII replacements of Clack's symbols. Clack has its own replacements, but doesn't choose them by the locale. */
const ASCII: Readonly<Record<string, string>> = {
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

/** Returns stderr as a stream for Clack, with the same rules for colors and symbols as the rest of connsync. */
function outputFor(stderr: Runtime['stderr'], { color, unicode }: TerminalStyle): Writable {
  const render = (text: string): string => {
    const plain = color.err ? text : text.replaceAll(/\u001B\[[\d;]*m/g, '');
    return unicode ? plain : plain.replaceAll(/[^\u0000-\u007F]/g, (sign) => ASCII[sign] ?? '?');
  };
  const screen = new Writable({
    write: (chunk, _encoding, done) => {
      stderr.write(render(String(chunk)));
      done();
    },
  });
  return Object.assign(screen, { isTTY: true, columns: stderr.columns ?? 80 });
}
