// The baseline for a plan: reads and parses every manifest in ./connections, and does nothing else.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';

const files = readdirSync('connections', { recursive: true }).filter((file) => file.endsWith('.yaml'));
const manifests = files.map((file) => load(readFileSync(join('connections', file), 'utf8')));
process.stdout.write(`${manifests.length}\n`);
