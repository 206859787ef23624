import { isAbsolute, normalize, sep } from 'node:path';
import connectionSchema from '../../../schemas/connection.schema.json' with { type: 'json' };
import settingsSchema from '../../../schemas/settings.schema.json' with { type: 'json' };
import { compact } from '../../core/compact.ts';
import { Failure, hasErrors, type ExitCode } from '../../core/diagnostic.ts';
import type { Report } from '../../core/event.ts';
import { withDefaults, type InitChoices, type Known, type Questions, type Answers } from '../../init/answers.ts';
import { scaffold } from '../../init/scaffold.ts';
import { nextSteps } from '../../init/next-steps.ts';
import { SETTINGS } from '../../init/paths.ts';
import { scaffoldFiles } from '../../init/scaffold-files.ts';
import { initReporter, type InitSteps } from '../../reporters/human/init-text.ts';
import { LOCAL_SITE } from '../../session/destination.ts';
import { DEFAULTS, type InitFlags } from '../../session/flags.ts';
import { importAll, unmanagedKeys } from '../import.ts';
import { repositoryOf, runSteps, existingFiles, type GitRepository } from './folder.ts';
import { openWorkspace, type Workspace } from '../../session/workspace.ts';
import { terminalStyle } from '../../runtime/terminal.ts';
import { runSession, type SessionOptions } from '../../session/session.ts';
import { runSurvey, type SurveySessionOptions } from '../../session/survey-session.ts';
import type { Runtime } from '../../runtime/runtime.ts';

/**
 * Creates the starter files, and changes no existing file. With --from-live it also writes a manifest and a record for
 * every live connection, as `connsync import --all` does. It writes nothing unless Datadog returned all connections.
 */
export async function init(flags: InitFlags, runtime: Runtime): Promise<ExitCode> {
  try {
    const found = inspectFolder(flags, runtime);
    const chosen = await chooseAnswers(flags, found, runtime);
    if (chosen === undefined) return runtime.interrupts.exitCode() ?? 130;
    return chosen.fromLive
      ? await writeStarterFilesFromLive(chosen, found, flags, runtime)
      : await writeStarterFiles(chosen, found, flags, runtime);
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    return runSession(session(flags.site, flags, runtime), () => Promise.reject(cause));
  }
}

/** The facts that init collects before it asks questions. */
interface Found {
  readonly workspace: Workspace;
  /** Whether connsync.yaml exists. */
  readonly hasSettings: boolean;
  readonly folders: InitChoices['folders'];
  readonly repository: GitRepository;
  readonly known: Known;
}

function inspectFolder(flags: InitFlags, runtime: Runtime): Found {
  const given = flags.dir === undefined ? undefined : folderBelow(flags.dir);
  const { dir: _dir, ...rest } = flags;
  const dir = given === undefined ? undefined : [given];
  const workspace = openWorkspace({ ...rest, ...compact({ dir }), maxFiles: DEFAULTS.maxFiles }, runtime);
  rejectConflictingFlags({ site: flags.site, folder: given }, workspace);
  const [first = DEFAULTS.folder, ...more] = workspace.folders.shown.map(folderBelow);
  const { target, credentials: found } = workspace.destination();
  return {
    workspace,
    hasSettings: existingFiles(runtime.cwd, [SETTINGS]).has(SETTINGS),
    folders: [first, ...more],
    repository: repositoryOf(runtime.cwd),
    known: {
      site: target.site,
      keys: found.credentials !== undefined,
      manifests: workspace.manifests.list().files.length > 0,
    },
  };
}

/**
 * Returns the folder for manifests as a normalised relative path. Throws a Failure `usage` unless the folder is below
 * the working directory and not hidden, because init writes other files to the working directory and to hidden folders.
 */
function folderBelow(dir: string): string {
  const path = plainPath(dir);
  const where = `with --dir or in ${SETTINGS}, for example connections`;
  if (path === '.' || isAbsolute(dir) || /^\.\.(\/|$)/.test(path))
    throw new Failure('usage', `${dir} is not inside the current folder`, {
      hint: `choose a folder inside the current one, ${where}`,
    });
  if (path.split('/').some((name) => name.startsWith('.')))
    throw new Failure('usage', `${dir} is a hidden folder; connsync doesn't read manifests from hidden folders`, {
      hint: `choose a folder whose name does not start with a dot, ${where}`,
    });
  return path;
}

function plainPath(path: string): string {
  return normalize(path).replaceAll(sep, '/').replace(/\/$/, '');
}

/** Throws a Failure if a flag contradicts connsync.yaml, which init never changes. */
function rejectConflictingFlags(
  { site, folder }: { readonly site: string | undefined; readonly folder: string | undefined },
  { settings }: Workspace,
): void {
  const reject = (what: string, current: string, flag: string): never => {
    throw new Failure('conflicting-settings', `${what} in ${SETTINGS} is ${current}, which contradicts ${flag}`, {
      hint: `change it in ${SETTINGS}, or remove the flag`,
      place: { file: SETTINGS },
    });
  };
  if (site !== undefined && settings.site !== undefined && settings.site !== site)
    reject('site', settings.site, `--site ${site}`);
  const folders = settings.manifests?.map(plainPath);
  if (folder !== undefined && folders?.includes(folder) === false)
    reject('manifests', folders.join(', '), `--dir ${folder}`);
}

/**
 * Returns the answers. Those without a flag come from the user, or from the defaults with --yes. Returns undefined if
 * the user cancels.
 */
async function chooseAnswers(flags: InitFlags, found: Found, runtime: Runtime): Promise<Answers | undefined> {
  const { workspace, known, repository } = found;
  const open: Questions = {
    // init never changes connsync.yaml, so an answer that differs from the file would have no effect.
    site: flags.site ?? (found.hasSettings ? known.site : undefined),
    fromLive: flags.fromLive,
    example: flags.example,
    // GitHub reads workflows only from the root of a repository.
    workflows: flags.workflows ? (repository.at === 'below' ? false : undefined) : false,
  };
  if (flags.yes === true || hasErrors(workspace.problems)) return withDefaults(open, known);
  const terminal = terminalStyle(flags, runtime);
  if (runtime.stdin.isTTY === true && terminal.live)
    return (await import('./questions.ts')).askQuestions(open, known, runtime, terminal);
  throw new Failure('not-confirmed', 'init needs a terminal to ask questions; nothing was written', {
    hint: 'add --yes to use the defaults, and flags such as --site datadoghq.eu to change them',
  });
}

async function writeStarterFiles(chosen: Answers, found: Found, flags: InitFlags, runtime: Runtime): Promise<ExitCode> {
  return runSession(session(chosen.site, flags, runtime, stepsAfter(chosen, found)), async (report) => {
    for (const problem of found.workspace.problems) report({ type: 'problem', problem });
    if (hasErrors(found.workspace.problems)) return 3;
    writeMissingFiles(choicesOf(chosen, found, 0), runtime, report);
    return 0;
  });
}

async function writeStarterFilesFromLive(
  chosen: Answers,
  found: Found,
  flags: InitFlags,
  runtime: Runtime,
): Promise<ExitCode> {
  const { human } = session(chosen.site, flags, runtime, stepsAfter(chosen, found));
  // The lockfile goes next to the connsync.yaml that init is about to write. The emulator has a separate lockfile.
  const lockfile = found.hasSettings || chosen.site === LOCAL_SITE ? {} : { lockfile: DEFAULTS.lockfile };
  const { dir: _dir, ...rest } = flags;
  const options: SurveySessionOptions = {
    command: 'init',
    flags: { ...rest, ...lockfile, dir: found.folders, site: chosen.site, maxFiles: DEFAULTS.maxFiles },
    runtime,
    human,
    allowMissingFolders: true,
    writesLockfile: true,
  };
  return runSurvey(options, async (survey, context) => {
    const keys = unmanagedKeys(survey);
    writeMissingFiles(choicesOf(chosen, found, keys.length), runtime, context.report);
    return importAll(keys, survey, context, runtime);
  });
}

function choicesOf(
  { site, example, workflows }: Answers,
  { folders, known, repository }: Found,
  imported: number,
): InitChoices {
  return {
    site,
    folders,
    manifests: example ? 'example' : known.manifests || imported > 0 ? 'some' : 'none',
    workflows: workflows ? { branch: repository.branch } : undefined,
  };
}

function stepsAfter(chosen: Answers, found: Found): InitSteps {
  return nextSteps(choicesOf(chosen, found, 0), {
    fromLive: chosen.fromLive,
    keys: found.known.keys,
    repository: found.repository.at,
  });
}

function writeMissingFiles(choices: InitChoices, { cwd, version }: Runtime, report: Report): void {
  const files = scaffoldFiles(choices, {
    version,
    schemas: { connection: jsonText(connectionSchema), settings: jsonText(settingsSchema) },
  });
  const existing = existingFiles(
    cwd,
    files.map(({ file }) => file),
  );
  runSteps(cwd, scaffold(files, existing), report);
}

function jsonText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function session(
  site: string | undefined,
  flags: InitFlags,
  runtime: Runtime,
  next: InitSteps = [],
): SessionOptions & Required<Pick<SessionOptions, 'human'>> {
  return {
    command: 'init',
    target: { environment: 'default', site: site ?? DEFAULTS.site },
    compared: ['lockfile'],
    flags,
    runtime,
    human: (sinks) => initReporter(sinks, terminalStyle(flags, runtime), next),
  };
}
