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
/** Limit for one run, in milliseconds; no run comes close to it. */
const TIMEOUT = 120_000;

/**
 * Creates a temporary folder with a copy of the built package, so that a build during the run changes nothing, and everything
 * that the groups need. `close` removes it.
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
    /** Returns the arguments for Node that run the built command line. */
    connsync: (...args) => [join(folder, 'package', 'dist', 'cli.cjs'), ...args],

    /** Returns the arguments and environment for Node that run the built Action as a runner does, with these inputs. */
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

    /** Returns a shared folder with this many manifests in `connections/`. Don't write to it. */
    project: (count) => kept(projects, count, () => newProject(join(folder, `project-${count}`), count)),

    /** Returns a copy of that folder, for one run that writes. */
    freshProject: (count) => newProject(join(folder, `fresh-${fresh++}`), count),

    /** Bundles a program from `programs/` like the command line, so that both start the same way. Returns its path. */
    program: (name) => kept(programs, name, () => bundle(name, join(folder, `${name}.mjs`))),

    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/**
 * Runs Node once. `ms` spans from before the process starts until after it ends. With `print`, the result has `stdout` and
 * `stderr`, which costs time; otherwise the output is discarded. With `peak`, `peakMiB` is its peak resident memory. Throws if
 * the process fails.
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

/** Starts a program that sends a first message and replies to each `ask`. `close` resolves when it has exited. */
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

/** Keys would make an offline plan live, and NODE_EXTRA_CA_CERTS adds about 30 ms to every start of Node. */
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
    minifyIdentifiers: true,
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
