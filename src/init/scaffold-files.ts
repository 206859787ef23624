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

/** A file that should stand there, or lines that should stand in it. */
export type ScaffoldOptions =
  | { readonly kind: 'file'; readonly file: string; readonly text: string }
  | { readonly kind: 'lines'; readonly file: string; readonly lines: readonly string[] };

/** Until connsync is published, this stands for a copy of it. */
const ACTION = { repository: 'connsync/connsync', commit: '0000000000000000000000000000000000000000' };

const BEGUN_WITH = [
  'connsync-plan.yml',
  'connsync-apply.yml',
  'connsync-drift.yml',
] as const satisfies readonly TemplateName[];

/** Everything that a folder begins with, whatever stands in it already. */
export function scaffoldFiles(answers: InitChoices, { version, schemas }: Shipped): readonly ScaffoldOptions[] {
  const { folders, manifests, workflows } = answers;
  const manifest = `${folders[0]}/users/crm-contacts.yaml`;
  return [
    file(SETTINGS, settingsText(answers)),
    ...(manifests === 'example' ? [file(manifest, exampleText(manifest))] : []),
    // Git keeps no empty folder, and a missing one is an error.
    ...(manifests === 'none' ? [file(`${folders[0]}/.gitkeep`, '')] : []),
    file(EDITOR_SETTINGS, `${JSON.stringify(editorSettings(folders), null, 2)}\n`),
    file(CONNECTION_SCHEMA, schemas.connection),
    file(SETTINGS_SCHEMA, schemas.settings),
    // Branches that both applied merge line by line.
    { kind: 'lines', file: ATTRIBUTES, lines: ['connections*.lock merge=union text eol=lf'] },
    {
      kind: 'lines',
      file: IGNORED,
      lines: [
        '.connsync/',
        'connections*.lock.journal',
        'connections*.lock.lock',
        // What `state rebuild` puts aside.
        'connections*.lock.damaged*',
      ],
    },
    ...(workflows === undefined
      ? []
      : BEGUN_WITH.map((name) =>
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
