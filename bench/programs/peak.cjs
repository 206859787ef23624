// Preloaded into a measured process: at its end, writes its greatest resident memory in KiB to descriptor 3.
'use strict';
const { readFileSync, writeSync } = require('node:fs');

process.on('exit', () => writeSync(3, String(peak())));

/** Linux counts `maxRSS` from before exec too, which is the parent's memory; VmHWM is of this program alone. */
function peak() {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS;
  return /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1];
}
