import process from 'node:process';
import * as core from './github/toolkit.ts';
import { postStep } from './github/step.ts';

// Runs at the end of the job: records the changes of an apply that was cancelled or killed before it could record them.
await postStep({ process, core });
