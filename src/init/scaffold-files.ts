import type { InitChoices, Shipped } from './answers.ts';
import {
  ATTRIBUTES,
  CONNECTION_SCHEMA,
  EDITOR_SETTINGS,
  IGNORED,
  SETTINGS,
  SETTINGS_SCHEMA,
  WORKFLOWS,
} from './paths.ts';
import { templateText, type TemplateName } from './templates.ts';
import { editorSettings, exampleText, settingsText } from './texts.ts';

/** A file that should exist, or lines that a file should contain. */
export type ScaffoldOptions =
  | { readonly kind: 'file'; readonly file: string; readonly text: string }
  | { readonly kind: 'lines'; readonly file: string; readonly lines: readonly string[] };

/** A placeholder that users replace with their own copy of the action until connsync is published. */
const ACTION = { repository: 'connsync/connsync', commit: '0000000000000000000000000000000000000000' };

const DEFAULT_TEMPLATES = [
  'connsync-plan.yml',
  'connsync-apply.yml',
  'connsync-drift.yml',
] as const satisfies readonly TemplateName[];

/** Returns every file that init sets up, whether it exists or not. */
export function scaffoldFiles(answers: InitChoices, { version, schemas }: Shipped): readonly ScaffoldOptions[] {
  const { folders, manifests, workflows } = answers;
  const manifest = `${folders[0]}/users/crm-contacts.yaml`;
  return [
    file(SETTINGS, settingsText(answers)),
    ...(manifests === 'example' ? [file(manifest, exampleText(manifest))] : []),
    // Git doesn't store empty folders, and connsync reports a missing folder as an error.
    ...(manifests === 'none' ? [file(`${folders[0]}/.gitkeep`, '')] : []),
    file(EDITOR_SETTINGS, `${JSON.stringify(editorSettings(folders), null, 2)}\n`),
    file(CONNECTION_SCHEMA, schemas.connection),
    file(SETTINGS_SCHEMA, schemas.settings),
    // The union merge combines lockfiles line by line, so that two branches that both applied can be merged.
    { kind: 'lines', file: ATTRIBUTES, lines: ['connections*.lock merge=union text eol=lf'] },
    {
      kind: 'lines',
      file: IGNORED,
      lines: [
        '.connsync/',
        'connections*.lock.journal',
        'connections*.lock.lock',
        // The backups that `state rebuild` makes.
        'connections*.lock.damaged*',
      ],
    },
    ...(workflows === undefined
      ? []
      : DEFAULT_TEMPLATES.map((name) =>
          file(
            `${WORKFLOWS}/${name}`,
            templateText(name, { action: { ...ACTION, version: `v${version}` }, branch: workflows.branch, folders }),
          ),
        )),
  ];
}

function file(path: string, text: string): ScaffoldOptions {
  return { kind: 'file', file: path, text };
}
