import type { Code } from '../core/codes.ts';
import type { Example } from './explanation.ts';
import { EXPLANATIONS } from './index.ts';

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

function example(heading: string, { kind, text, ...rest }: Example): string {
  const name = 'file' in rest ? ` (\`${rest.file}\`)` : '';
  return `${heading}${name}:\n\n\`\`\`${kind === 'file' ? 'yaml' : 'console'}\n${text}\`\`\``;
}

/** What Markdown would take for its own stays text. */
export function prose(text: string): string {
  return text.replace(/[\\`*_<>[\]#|]/g, String.raw`\$&`);
}
