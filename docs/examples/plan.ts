// Prints the plan that `connsync plan` would make, from a program of your own. Run it with DD_API_KEY and DD_APP_KEY set, in a
// folder that has connections/ and connections.lock.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import {
  parseList,
  parseLockfile,
  planActions,
  readManifests,
  type LiveConnection,
  type RecordedConnection,
} from 'connsync';

// Desired: what the manifests say. `list` and `read` can take them from anywhere.
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

// Recorded: what connsync last applied, from the lockfile.
const lockfile = 'connections.lock';
const recorded = existsSync(lockfile)
  ? parseLockfile(readFileSync(lockfile, 'utf8'), lockfile).records
  : new Map<string, RecordedConnection>();

// Live: what Datadog has now.
const { DD_API_URL = 'https://api.datadoghq.com', DD_API_KEY = '', DD_APP_KEY = '' } = process.env;
const live = new Map<string, LiveConnection>();
for (const entity of ['users', 'accounts']) {
  const response = await fetch(`${DD_API_URL}/api/v2/product-analytics/${entity}/mapping/connections`, {
    headers: { 'DD-API-KEY': DD_API_KEY, 'DD-APPLICATION-KEY': DD_APP_KEY },
  });
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  for (const connection of parseList(entity, await response.json())) live.set(connection.key, connection);
}

const plan = planActions({ desired: manifests.desired, recorded, live, prune: false, onDrift: 'revert' });
for (const { kind, key } of plan.actions) console.log(`${kind} ${key}`);
console.log(`${plan.summary.unchanged} unchanged, ${plan.summary.unmanaged} unmanaged, ${plan.checksum}`);
