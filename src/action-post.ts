import process from 'node:process';
import * as core from '@actions/core';
import { postStep } from './github/step.ts';

// Runs at the end of the job: records the changes of an apply that was cancelled or killed before it could record them.
await postStep({ process, core });
