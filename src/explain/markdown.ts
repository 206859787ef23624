import { codeEntry, type Code } from '../core/codes.ts';
import type { Example } from './explanation.ts';
import { EXPLANATIONS, GROUPS } from './index.ts';

/** One code, without its heading: for code scanning, and for the page of all codes. */
export function explanationMarkdown(code: Code): string {
  const { means, why, bad, good, next } = EXPLANATIONS[code];
  return [
    prose(means),
    `**Why it matters:** ${prose(why)}`,
    example('Bad', bad),
    example('Good', good),
    `**Next:** ${prose(next)}`,
  ].join('\n\n');
}

/** The page of all codes: a list under each heading, then each code in full. */
export function codesPage(): string {
  return GROUPS.map(({ title, codes }) => `## ${title}\n\n${codes.map(section).join('\n\n')}`).join('\n\n');
}

/** What stands above the page: every code with the line that it is headed by. */
export function codesTable(): readonly (readonly string[])[] {
  return GROUPS.flatMap(({ codes }) =>
    codes.map((code) => {
      const { severity, exit, title } = codeEntry(code);
      return [`[\`${code}\`](#${code})`, severity, exit === undefined ? '' : `${exit}`, prose(title)];
    }),
  );
}

function section(code: Code): string {
  const { severity, exit, title } = codeEntry(code);
  const consequence = exit === undefined ? severity : `${severity}, exit code ${exit}`;
  return `### ${code}\n\n**${prose(title)}** (${consequence})\n\n${explanationMarkdown(code)}`;
}

function example(heading: string, { kind, text, ...rest }: Example): string {
  const name = 'file' in rest ? ` (\`${rest.file}\`)` : '';
  return `${heading}${name}:\n\n\`\`\`${kind === 'file' ? 'yaml' : 'console'}\n${text}\`\`\``;
}

/** What Markdown would take for its own stays text. */
function prose(text: string): string {
  return text.replace(/[\\`*_<>[\]#|]/g, String.raw`\$&`);
}
