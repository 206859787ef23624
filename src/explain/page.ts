import { codeEntry, type Code } from '../core/codes.ts';
import { GROUPS } from './index.ts';
import { explanationMarkdown, prose } from './markdown.ts';

/** Returns the page of all codes: a list below each heading, then each code in full. */
export function codesPage(): string {
  return GROUPS.map(({ title, codes }) => `## ${title}\n\n${codes.map(section).join('\n\n')}`).join('\n\n');
}

/** Returns the top of the page: every code, linked to its section. */
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
