import { codeEntry, type Code } from '../core/codes.ts';
import { GROUPS } from './index.ts';
import { explanationMarkdown, prose } from './markdown.ts';

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
