import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { pullRequest, push, type WorkflowEvent } from './rig/runner/events.ts';
import { runAction } from './rig/runner/run-action.ts';
import { READ_TOKEN, SIDE_BY_SIDE, Stage } from './stage.ts';

const ROOT = join(import.meta.dirname, '../..');

interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
}

/** Returns the steps of self-test.yml that use the action, with their expressions evaluated. */
function steps(datadog: string): readonly Step[] {
  const text = readFileSync(join(ROOT, '.github/workflows/self-test.yml'), 'utf8')
    .replaceAll('${{ env.DATADOG }}', datadog)
    .replaceAll('${{ env.API_KEY }}', 'emulated-api-key')
    .replaceAll('${{ env.APP_KEY }}', 'emulated-application-key');
  const { jobs } = load(text) as { readonly jobs: { readonly action: { readonly steps: readonly Step[] } } };
  return jobs.action.steps.filter(({ uses }) => uses === './');
}

/** Returns every connection in this repository's own manifests. */
function described(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
  return files.flatMap((file) => readFileSync(join(folder, file), 'utf8').match(/^entity:/gm) ?? []).length;
}

test.each(['push', 'pull_request'])(
  'the steps of self-test.yml have the results that it expects, on a %s',
  SIDE_BY_SIDE,
  async (name) => {
    const files = Object.fromEntries(
      readdirSync(join(ROOT, 'connections'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((file) => [file.slice(ROOT.length + 1), readFileSync(file, 'utf8')]),
    );
    await using stage = await Stage.start({ files });
    const workspace = await stage.checkout();
    const temporary = mkdtempSync(join(tmpdir(), 'connsync-self-test-'));
    const event: WorkflowEvent = name === 'push' ? push(await stage.tip()) : pullRequest({ sha: await stage.tip() });
    try {
      const outputs: Record<string, Readonly<Record<string, string>>> = {};
      for (const { id = '', with: inputs = {} } of steps(stage.datadog.url)) {
        const ended = await runAction('action', {
          event,
          workspace,
          github: stage.github.api,
          token: READ_TOKEN,
          inputs,
          temporary,
        });
        expect(ended, `${id}: ${ended.stdout}`).toMatchObject({ exitCode: 0 });
        outputs[id] = ended.outputs;
      }
      const { validate, plan, apply, again, drift } = outputs;
      const planned = String(described(join(ROOT, 'connections')));
      expect(validate).toMatchObject({ invalid: '0' });
      expect(plan).toMatchObject({ changes: 'true', 'to-add': planned });
      expect(plan?.['checksum']).toMatch(/^sha256:/);
      expect(JSON.parse(readFileSync(plan?.['plan-path'] ?? '', 'utf8'))).toMatchObject({
        summary: { create: Number(planned) },
      });
      expect(apply).toMatchObject({ applied: planned, failed: '0', 'lockfile-committed': 'false' });
      expect(again).toMatchObject({ 'to-add': '0', 'to-change': '0', 'to-destroy': '0' });
      expect(drift).toMatchObject({ drifted: '0' });
    } finally {
      rmSync(temporary, { recursive: true });
    }
  },
);
