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
import { importAll, unmanaged } from '../import.ts';
import { repositoryOf, takeSteps, existingFiles, type Repository } from './folder.ts';
import { openWorkspace, type Workspace } from '../../session/workspace.ts';
import { terminalStyle } from '../../runtime/terminal.ts';
import { runSession, type SessionOptions } from '../../session/session.ts';
import { runSurvey } from '../../session/survey-session.ts';
import type { Runtime } from '../../runtime/runtime.ts';

/**
 * Writes everything that a folder begins with; what stands there already is left as it is. With --from-live everything that is
 * live becomes a manifest and a record too, as by connsync import --all, and nothing is written before Datadog has answered.
 */
export async function init(flags: InitFlags, runtime: Runtime): Promise<ExitCode> {
  try {
    const found = find(flags, runtime);
    const said = await answersTo(flags, found, runtime);
    if (said === undefined) return runtime.interrupts.exitCode() ?? 130;
    return said.fromLive
      ? await beginFromLive(said, found, flags, runtime)
      : await beginHere(said, found, flags, runtime);
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    return runSession(session(flags.site, flags, runtime), () => Promise.reject(cause));
  }
}

/** What is there before anything is asked. */
interface Found {
  readonly workspace: Workspace;
  /** There is a connsync.yaml. */
  readonly settled: boolean;
  readonly folders: InitChoices['folders'];
  readonly repository: Repository;
  readonly known: Known;
}

function find(flags: InitFlags, runtime: Runtime): Found {
  const given = flags.dir === undefined ? undefined : folderBelow(flags.dir);
  const { dir: _dir, ...rest } = flags;
  const dir = given === undefined ? undefined : [given];
  const workspace = openWorkspace({ ...rest, ...compact({ dir }), maxFiles: DEFAULTS.maxFiles }, runtime);
  refuseOther({ site: flags.site, folder: given }, workspace);
  const [first = DEFAULTS.folder, ...more] = workspace.folders.shown.map(folderBelow);
  const { target, found } = workspace.destination();
  return {
    workspace,
    settled: existingFiles(runtime.cwd, [SETTINGS]).has(SETTINGS),
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
 * Everything else that init writes lies outside of the manifests, its schemas in hidden folders, and nothing outside of the folder
 * that it runs in.
 */
function folderBelow(dir: string): string {
  const path = plainPath(dir);
  const where = `with --dir or in ${SETTINGS}: connections, say`;
  if (path === '.' || isAbsolute(dir) || /^\.\.(\/|$)/.test(path))
    throw new Failure('usage', `${dir} is no folder below this one`, {
      hint: `name one inside the folder that you are in, ${where}`,
    });
  if (path.split('/').some((name) => name.startsWith('.')))
    throw new Failure('usage', `${dir} is hidden: Git, GitHub and editors keep files of their own in such folders`, {
      hint: `name one whose name begins with no dot, ${where}`,
    });
  return path;
}

function plainPath(path: string): string {
  return normalize(path).replaceAll(sep, '/').replace(/\/$/, '');
}

/** A file that stands is never changed, so a flag can not say otherwise. */
function refuseOther(
  { site, folder }: { readonly site: string | undefined; readonly folder: string | undefined },
  { settings }: Workspace,
): void {
  const refuse = (what: string, now: string, flag: string): never => {
    throw new Failure('conflicting-settings', `${what} in ${SETTINGS} is ${now}, against ${flag}`, {
      hint: `change it in ${SETTINGS}, or leave the flag out`,
      place: { file: SETTINGS },
    });
  };
  if (site !== undefined && settings.site !== undefined && settings.site !== site)
    refuse('site', settings.site, `--site ${site}`);
  const folders = settings.manifests?.map(plainPath);
  if (folder !== undefined && folders?.includes(folder) === false)
    refuse('manifests', folders.join(', '), `--dir ${folder}`);
}

/** Flags first; the rest from a person, or by default where somebody consents to that. Undefined where a person leaves. */
async function answersTo(flags: InitFlags, found: Found, runtime: Runtime): Promise<Answers | undefined> {
  const { workspace, known, repository } = found;
  const open: Questions = {
    // connsync.yaml stays as it is, whatever would be answered.
    site: flags.site ?? (found.settled ? known.site : undefined),
    fromLive: flags.fromLive,
    example: flags.example,
    // GitHub reads workflows at the top of a repository alone.
    workflows: flags.workflows ? (repository.at === 'below' ? false : undefined) : false,
  };
  if (flags.yes === true || hasErrors(workspace.problems)) return withDefaults(open, known);
  const terminal = terminalStyle(flags, runtime);
  if (runtime.stdin.isTTY === true && terminal.live)
    return (await import('./questions.ts')).askOpen(open, known, runtime, terminal);
  throw new Failure('not-confirmed', 'nobody is there to ask, and nothing was written', {
    hint: 'say --yes to take the defaults, with flags such as --site datadoghq.eu for what is to be otherwise',
  });
}

async function beginHere(said: Answers, found: Found, flags: InitFlags, runtime: Runtime): Promise<ExitCode> {
  return runSession(session(said.site, flags, runtime, nextAfter(said, found)), async (report) => {
    for (const problem of found.workspace.problems) report({ type: 'problem', problem });
    if (hasErrors(found.workspace.problems)) return 3;
    writeMissing(answers(said, found, 0), runtime, report);
    return 0;
  });
}

async function beginFromLive(said: Answers, found: Found, flags: InitFlags, runtime: Runtime): Promise<ExitCode> {
  const { human } = session(said.site, flags, runtime, nextAfter(said, found));
  // Where it will be once connsync.yaml stands here; of the emulator it has a place of its own.
  const lockfile = found.settled || said.site === LOCAL_SITE ? {} : { lockfile: DEFAULTS.lockfile };
  const { dir: _dir, ...rest } = flags;
  const options = {
    command: 'init',
    flags: { ...rest, ...lockfile, dir: found.folders, site: said.site, maxFiles: DEFAULTS.maxFiles },
    runtime,
    human,
    allowMissingFolders: true,
    records: true,
  };
  return runSurvey(options, async (survey, at) => {
    const keys = unmanaged(survey);
    writeMissing(answers(said, found, keys.length), runtime, at.report);
    return importAll(keys, survey, at, runtime);
  });
}

function answers(
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

function nextAfter(said: Answers, found: Found): InitSteps {
  return nextSteps(answers(said, found, 0), {
    fromLive: said.fromLive,
    keys: found.known.keys,
    repository: found.repository.at,
  });
}

function writeMissing(wanted: InitChoices, { cwd, version }: Runtime, report: Report): void {
  const files = scaffoldFiles(wanted, {
    version,
    schemas: { connection: jsonText(connectionSchema), settings: jsonText(settingsSchema) },
  });
  const standing = existingFiles(
    cwd,
    files.map(({ file }) => file),
  );
  takeSteps(cwd, scaffold(files, standing), report);
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
