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

/** Prints the explanation of one code, or a list of all codes. Reads no files and sends no requests. */
export async function explain(given: string | undefined, flags: OutputFlags, runtime: Runtime): Promise<ExitCode> {
  return runPlainCommand(flags, runtime, async () => {
    const style = styleFor('out', terminalStyle(flags, runtime));
    if (given === undefined) {
      const codes = GROUPS.flatMap((group) => group.codes.map(codeDocument));
      runtime.stdout.write(
        flags.format === 'human' ? codeList(GROUPS, style) : json(flags, { formatVersion: '1.0', codes }),
      );
      return 0;
    }
    const code = knownCode(given);
    const { means, why, bad, good, next } = EXPLANATIONS[code];
    runtime.stdout.write(
      flags.format === 'human'
        ? explanationText(code, groupOf(code), EXPLANATIONS[code], style)
        : json(flags, {
            formatVersion: '1.0',
            ...codeDocument(code),
            means,
            why,
            bad: exampleDocument(bad),
            good: exampleDocument(good),
            next,
          }),
    );
    return 0;
  });
}

function codeDocument(code: Code): object {
  return { code, group: groupOf(code), ...codeEntry(code) };
}

function exampleDocument(example: Example): object {
  return example.kind === 'file' ? { file: example.file, text: example.text } : { session: example.text };
}

/** Returns the code that `given` names, ignoring case. Throws a Failure `usage` (3) that suggests the nearest code. */
function knownCode(given: string): Code {
  const code = given.toLowerCase();
  if (Object.hasOwn(CODES, code)) return code as Code;
  throw new Failure('usage', `there is no code ${JSON.stringify(given)}`, {
    hint: didYouMean(given, Object.keys(CODES), 'run connsync explain to list all codes'),
  });
}

function json({ format }: OutputFlags, document: object): string {
  return `${JSON.stringify(document, null, format === 'json' ? 2 : undefined)}\n`;
}
