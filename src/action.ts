import process from 'node:process';
import * as core from '@actions/core';
import { listenForSignals } from './commands/signals.ts';
import { mainStep } from './github/step.ts';

// The GitHub Action: the second rim beside cli.ts. Inputs and event in; outputs, summary, comment and colour of the step out.
// A runner that cancels sends SIGINT, 7.5 s later SIGTERM, 2.5 s later it kills: what is left to record takes that time.
await mainStep({ process, core, interrupts: listenForSignals(process, { patient: true }) });
