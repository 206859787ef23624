import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { writeManifests } from './manifests.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PEAK = fileURLToPath(new URL('programs/peak.cjs', import.meta.url));
/** No run takes nearly as long, in milliseconds. */
const TIMEOUT = 120_000;

/**
 * A temporary folder with a copy of the built package, so that a build meanwhile changes nothing, and with everything that
 * the groups ask for. All of it is gone after `close`.
 */
export function openRig() {
  if (!existsSync(join(ROOT, 'dist', 'cli.cjs'))) throw new Error('dist/ is missing: npm run build');
  const folder = mkdtempSync(join(tmpdir(), 'connsync-bench-'));
  for (const part of ['dist', 'package.json'])
    cpSync(join(ROOT, part), join(folder, 'package', part), { recursive: true });
  const projects = new Map();
  const programs = new Map();
  let fresh = 0;
  return {
    /** Arguments for Node that run the built command line. */
    connsync: (...args) => [join(folder, 'package', 'dist', 'cli.cjs'), ...args],

    /** Arguments and environment for Node that run the built action as a runner does, with these inputs. */
    action: (inputs) => {
      const temporary = join(folder, `runner-${fresh++}`);
      mkdirSync(temporary);
      const files = Object.fromEntries(
        ['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY', 'GITHUB_STATE'].map((name) => [name, join(temporary, name)]),
      );
      for (const file of Object.values(files)) writeFileSync(file, '');
      const env = { RUNNER_TEMP: temporary, GITHUB_REPOSITORY: 'acme/data', ...files, ...inputs };
      return { args: [join(folder, 'package', 'dist', 'action.js')], env };
    },

    /** A folder whose `connections/` holds so many manifests: the same ones every time. Nobody may write there. */
    project: (count) => kept(projects, count, () => newProject(join(folder, `project-${count}`), count)),

    /** The same, for one run that writes. */
    freshProject: (count) => newProject(join(folder, `fresh-${fresh++}`), count),

    /** The path of a program under `programs/`, bundled as the command line is, so that both start alike. */
    program: (name) => kept(programs, name, () => bundle(name, join(folder, `${name}.mjs`))),

    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/**
 * Runs Node once, to its end. `ms` is from before the start of the process until after its end. With `print`, `stdout` and
 * `stderr` are what it said, which costs time; otherwise nobody listens. With `peak`, `peakMiB` is its greatest resident
 * memory. Throws where it fails.
 */
export function runNode(args, { cwd, env = {}, print = false, peak = false }) {
  const output = print ? 'pipe' : 'ignore';
  const began = performance.now();
  const ended = spawnSync(process.execPath, peak ? ['--require', PEAK, ...args] : args, {
    cwd,
    env: bareEnvironment(env),
    stdio: ['ignore', output, output, 'pipe'],
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    timeout: TIMEOUT,
  });
  const ms = performance.now() - began;
  if (ended.error !== undefined) throw ended.error;
  const { status, stdout, stderr, output: pipes } = ended;
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status ?? ended.signal}: ${stderr ?? ''}`);
  return { ms, stdout, stderr, ...(peak ? { peakMiB: Number(pipes[3]) / 1024 } : {}) };
}

/** Starts a program that says something first, and answers every message: with `ask`. `close` resolves once it is gone. */
export async function startProgram(path, args) {
  const child = fork(path, args, { env: bareEnvironment() });
  const [first] = await once(child, 'message');
  return {
    first,
    ask: async () => {
      child.send('ask');
      const [answer] = await once(child, 'message');
      return answer;
    },
    close: async () => {
      child.kill();
      await once(child, 'exit');
    },
  };
}

/** Keys would turn an offline plan into a live one, and NODE_EXTRA_CA_CERTS costs every start of Node some 30 ms. */
function bareEnvironment(more = {}) {
  const { PATH, SystemRoot, TMPDIR, TEMP } = process.env;
  return { PATH, SystemRoot, TMPDIR, TEMP, ...more };
}

function newProject(folder, count) {
  mkdirSync(folder);
  writeManifests(join(folder, 'connections'), count);
  return folder;
}

function bundle(name, outfile) {
  buildSync({
    entryPoints: [fileURLToPath(new URL(`programs/${name}.mjs`, import.meta.url))],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'warning',
    banner: { js: 'import { createRequire as __cr } from "node:module"; const require = __cr(import.meta.url);' },
  });
  return outfile;
}

function kept(map, name, make) {
  if (!map.has(name)) map.set(name, make());
  return map.get(name);
}
