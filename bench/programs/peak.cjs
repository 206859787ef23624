// Preloaded into a measured process. On exit, writes its peak resident memory in KiB to descriptor 3.
'use strict';
const { readFileSync, writeSync } = require('node:fs');

process.on('exit', () => writeSync(3, String(peak())));

/** On Linux, `maxRSS` includes the parent's memory before exec. VmHWM covers only this program. */
function peak() {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS;
  return /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1];
}
