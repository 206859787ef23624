import process from 'node:process';
import * as core from './github/toolkit.ts';
import { listenForSignals } from './runtime/signals.ts';
import { mainStep } from './github/step.ts';

// Entry point of the GitHub Action. Reads the inputs and the event; sets the outputs, summary, comment and result of
// the step. A runner that cancels a job sends SIGINT, then SIGTERM 7.5 s later, and kills the process 2.5 s after that.
// The apply uses this time to record its changes.
await mainStep({ process, core, interrupts: listenForSignals(process, { patient: true }) });
