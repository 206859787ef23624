// A proc-receive hook. It can refuse a ref with words of its own, as GitHub does, where a pre-receive hook could only say
// "pre-receive hook declined". Its argument is a file with what to refuse: { ref: { remote: [line], reason } }.
//
// The protocol (`git help hooks`) is one of pkt-lines: four hexadecimal digits with the length of all, then the text;
// 0000 ends a group. Git sends its version, then the commands; the hook answers each group.
import { readFileSync, writeSync } from 'node:fs';

const refusals = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const groups = [];
let group = [];
let pending = Buffer.alloc(0);

process.stdin.on('data', (chunk) => {
  pending = Buffer.concat([pending, chunk]);
  for (let size = nextSize(); size !== undefined; size = nextSize()) {
    const text = pending.subarray(4, Math.max(size, 4)).toString();
    pending = pending.subarray(Math.max(size, 4));
    if (size === 0) endGroup();
    else group.push(text.replace(/\n$/, ''));
  }
});

function nextSize() {
  if (pending.length < 4) return undefined;
  const size = Number.parseInt(pending.subarray(0, 4).toString(), 16);
  return pending.length >= size ? size : undefined;
}

function endGroup() {
  groups.push(group);
  group = [];
  if (groups.length === 1) answer(['version=1\0']);
  else answer(groups[1].flatMap(judge));
}

/** Either the ref is refused, or git goes on as if there were no hook. */
function judge(command) {
  const ref = command.split(' ')[2];
  const refusal = refusals[ref];
  if (refusal === undefined) return [`ok ${ref}`, 'option fall-through'];
  writeSync(2, refusal.remote.map((line) => `${line}\n`).join(''));
  return [`ng ${ref} ${refusal.reason}`];
}

function answer(lines) {
  const packets = lines.map((line) => (line.length + 4).toString(16).padStart(4, '0') + line);
  writeSync(1, `${packets.join('')}0000`);
}
