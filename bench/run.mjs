// npm run bench                   runs every group and prints one table
// npm run bench -- plan memory    runs these groups
// npm run bench -- --json         prints the figures as JSON
//
// To add a group, add a file to groups/ and an entry to `GROUPS`. README.md explains how each is measured.
import { parseArgs } from 'node:util';
import { apply } from './groups/apply.mjs';
import { memory } from './groups/memory.mjs';
import { plan } from './groups/plan.mjs';
import { start } from './groups/start.mjs';
import { watch } from './groups/watch.mjs';
import { thisMachine } from './machine.mjs';
import { openRig } from './rig.mjs';
import { tableOf, verdictSentence } from './table.mjs';

const GROUPS = [start, plan, memory, apply, watch];

const chosen = readArguments();
if (chosen !== undefined) await main(chosen);

async function main({ groups, json }) {
  const began = performance.now();
  const measured = await measureAll(groups);
  const machine = thisMachine();
  if (json) {
    process.stdout.write(`${JSON.stringify({ machine, groups: measured }, null, 2)}\n`);
    return;
  }
  const seconds = Math.round((performance.now() - began) / 1000);
  process.stdout.write(
    `${tableOf(measured)}\n${verdictSentence(measured)}\n${Object.values(machine).join(' · ')} · ${seconds} s\n`,
  );
}

async function measureAll(groups) {
  const rig = openRig();
  process.once('SIGINT', () => {
    rig.close();
    process.exit(130);
  });
  try {
    const measured = [];
    for (const { name, measure } of groups) {
      process.stderr.write(`measuring ${name} …\n`);
      measured.push({ name, figures: await measure(rig) });
    }
    return measured;
  } finally {
    rig.close();
  }
}

/** Returns undefined and prints an error if the arguments are invalid. */
function readArguments() {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean' } } });
    const unknown = positionals.find((name) => GROUPS.every((group) => group.name !== name));
    if (unknown !== undefined)
      throw new Error(`no group ${unknown}; there are ${GROUPS.map(({ name }) => name).join(', ')}`);
    const groups = positionals.length === 0 ? GROUPS : GROUPS.filter(({ name }) => positionals.includes(name));
    return { groups, json: values.json === true };
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 3;
    return undefined;
  }
}
