import { CODES, codeEntry, type Code } from '../core/codes.ts';
import { Failure, type ExitCode } from '../core/diagnostic.ts';
import type { Example } from '../explain/explanation.ts';
import { EXPLANATIONS, GROUPS, groupOf } from '../explain/index.ts';
import { didYouMean } from '../manifest/suggest.ts';
import { codeList, explanationText } from '../reporters/human/explanation-text.ts';
import { styleFor } from '../reporters/human/style.ts';
import type { OutputFlags } from '../session/flags.ts';
import { terminalStyle } from '../runtime/terminal.ts';
import { runPlainCommand } from '../session/plain-output.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** Says everything about one code; without one it lists them all. It reads no file and asks nobody. */
export async function explain(asked: string | undefined, flags: OutputFlags, runtime: Runtime): Promise<ExitCode> {
  return runPlainCommand(flags, runtime, async () => {
    const style = styleFor('out', terminalStyle(flags, runtime));
    if (asked === undefined) {
      const codes = GROUPS.flatMap((group) => group.codes.map(entry));
      runtime.stdout.write(
        flags.format === 'human' ? codeList(GROUPS, style) : json(flags, { formatVersion: '1.0', codes }),
      );
      return 0;
    }
    const code = knownCode(asked);
    const { means, why, bad, good, next } = EXPLANATIONS[code];
    runtime.stdout.write(
      flags.format === 'human'
        ? explanationText(code, groupOf(code), EXPLANATIONS[code], style)
        : json(flags, { formatVersion: '1.0', ...entry(code), means, why, bad: shown(bad), good: shown(good), next }),
    );
    return 0;
  });
}

function entry(code: Code): object {
  return { code, group: groupOf(code), ...codeEntry(code) };
}

function shown(example: Example): object {
  return example.kind === 'file' ? { file: example.file, text: example.text } : { session: example.text };
}

/** Codes are told in lower case. Throws a Failure `usage` (3) that names the nearest one. */
function knownCode(asked: string): Code {
  const code = asked.toLowerCase();
  if (Object.hasOwn(CODES, code)) return code as Code;
  throw new Failure('usage', `there is no code ${JSON.stringify(asked)}`, {
    hint: didYouMean(asked, Object.keys(CODES), 'connsync explain lists them all'),
  });
}

function json({ format }: OutputFlags, document: object): string {
  return `${JSON.stringify(document, null, format === 'json' ? 2 : undefined)}\n`;
}
