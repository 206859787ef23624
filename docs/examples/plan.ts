// What would an apply do? The plan of connsync inside a program of yours: it brings the three sides, and decides what to do
// with the answer. Run it with DD_API_KEY and DD_APP_KEY, in a folder with connections/ and connections.lock.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import {
  parseList,
  parseLockfile,
  planActions,
  readManifests,
  type LiveConnection,
  type RecordedConnection,
} from 'connsync';

// Desired: from manifests, wherever you keep them.
const folder = 'connections';
const manifests = readManifests({
  list: () => ({
    files: readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => /\.ya?ml$/.test(file)),
    problems: [],
    missing: [],
  }),
  read: (file) => ({ bytes: readFileSync(`${folder}/${file}`) }),
});
for (const { file, line, message } of manifests.problems) console.error(`${file}:${line ?? 1}  ${message}`);

// Recorded: what the lockfile says was last applied.
const lockfile = 'connections.lock';
const recorded = existsSync(lockfile)
  ? parseLockfile(readFileSync(lockfile, 'utf8'), lockfile).records
  : new Map<string, RecordedConnection>();

// Live: what Datadog has now.
const { DD_API_URL = 'https://api.datadoghq.com', DD_API_KEY = '', DD_APP_KEY = '' } = process.env;
const live = new Map<string, LiveConnection>();
for (const entity of ['users', 'accounts']) {
  const answer = await fetch(`${DD_API_URL}/api/v2/product-analytics/${entity}/mapping/connections`, {
    headers: { 'DD-API-KEY': DD_API_KEY, 'DD-APPLICATION-KEY': DD_APP_KEY },
  });
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
  for (const connection of parseList(entity, await answer.json())) live.set(connection.key, connection);
}

const plan = planActions({ desired: manifests.desired, recorded, live, prune: false, onDrift: 'revert' });
for (const { kind, key } of plan.actions) console.log(`${kind} ${key}`);
console.log(`${plan.summary.unchanged} unchanged, ${plan.summary.unmanaged} unmanaged, ${plan.checksum}`);
