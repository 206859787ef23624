import { spawn } from 'node:child_process';
import { manifest, CLI, Rig } from '../rig/rig.ts';
import { reaped } from '../rig/children.ts';
import { push, rerun } from '../action/rig/runner/events.ts';
import { Stage } from '../action/stage.ts';
import { contacts } from './scenarios.ts';
import type { Session } from './session.ts';

/** Simulates a kernel without free watches: chokidar gets Linux's error. */
const NO_WATCHES = `import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
fs.watch = () => { throw Object.assign(new Error('ENOSPC: System limit for number of file watchers reached'), { code: 'ENOSPC' }); };
syncBuiltinESMExports();
`;

/** Runs a watch until it has reported or planned, then ends it like Ctrl-C. */
export async function watchIncomplete(which: 'bad' | 'good'): Promise<Session> {
  await using rig = await Rig.start();
  contacts(rig);
  rig.write('no-watches.mjs', NO_WATCHES);
  const preload = which === 'bad' ? ['--import', './no-watches.mjs'] : [];
  const until = which === 'bad' ? /"watch-incomplete"| {2}watch-incomplete\n.*\n/ : /"planned"|to add/;
  const events = await watchUntil(until, rig, [...preload, CLI, 'watch', '--offline', '--format', 'ndjson']);
  const codes = events
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { readonly type: string; readonly code?: string })
    .flatMap(({ type, code }) => (type === 'problem' && code !== undefined ? code : []));
  const output = await watchUntil(until, rig, [...preload, CLI, 'watch', '--offline']);
  return { output, codes, exitCode: 130 };
}

async function watchUntil(wanted: RegExp, rig: Rig, args: readonly string[]): Promise<string> {
  const child = reaped(spawn(process.execPath, args, { cwd: rig.folder, env: {}, stdio: ['ignore', 'pipe', 'pipe'] }));
  let output = '';
  const read = (text: unknown): void => {
    output += String(text);
    if (wanted.test(output)) child.kill('SIGINT');
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  await new Promise((resolve) => child.on('close', resolve));
  return output;
}

const FILES = { 'connections/users/crm-contacts.yaml': manifest('users/crm-contacts') };

/** Runs the Action on a branch that its token may not commit to. */
export async function notRecordable(which: 'bad' | 'good'): Promise<Session> {
  const contents = which === 'bad' ? 'read' : 'write';
  await using stage = await Stage.start({ files: FILES, permissions: { contents, 'pull-requests': 'write' } });
  using ended = await stage.run({ command: 'apply' });
  return sessionOf(ended);
}

/** Reruns an old event after newer manifests were merged and applied. */
export async function staleCheckout(which: 'bad' | 'good'): Promise<Session> {
  await using stage = await Stage.start({ files: FILES });
  const old = await stage.tip();
  await stage.merge({ 'connections/users/crm-contacts.yaml': manifest('users/crm-contacts', ['plan', 'newer']) });
  using first = await stage.run({ command: 'apply' });
  if (which === 'good') return sessionOf(first);
  using again = await stage.run(
    { command: 'apply' },
    { workspace: await stage.checkout(old), event: rerun(push(old)) },
  );
  return sessionOf(again);
}

/** The summary of a run contains the code of its failure. */
function sessionOf({
  stdout,
  summary,
  exitCode,
}: {
  readonly stdout: string;
  readonly summary: string;
  readonly exitCode: number | null;
}): Session {
  return {
    output: stdout,
    codes: [...summary.matchAll(/\b(not-recordable|stale-checkout)\b/g)].map(([code]) => code),
    exitCode,
  };
}
