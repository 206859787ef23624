import type { Code } from '../core/codes.ts';
import type { Example } from './explanation.ts';
import { EXPLANATIONS } from './index.ts';

/** Returns the Markdown of one code without its heading, for code scanning and for the page of all codes. */
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

function example(heading: string, { kind, text, ...rest }: Example): string {
  const name = 'file' in rest ? ` (\`${rest.file}\`)` : '';
  return `${heading}${name}:\n\n\`\`\`${kind === 'file' ? 'yaml' : 'console'}\n${text}\`\`\``;
}

/** Escapes characters that have a meaning in Markdown. */
export function prose(text: string): string {
  return text.replace(/[\\`*_<>[\]#|]/g, String.raw`\$&`);
}
