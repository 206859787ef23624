import process from 'node:process';
import * as core from './github/toolkit.ts';
import { listenForSignals } from './runtime/signals.ts';
import { mainStep } from './github/step.ts';

// Entry point of the GitHub Action. Reads the inputs and the event; sets outputs, summary, comment and the result of the step.
// A runner that cancels sends SIGINT, 7.5 s later SIGTERM, 2.5 s later it kills: what is left to record takes that time.
await mainStep({ process, core, interrupts: listenForSignals(process, { patient: true }) });
