import process from 'node:process';
import * as core from '@actions/core';
import { postStep } from './github/step.ts';

// The step at the job's end: records what an apply did and could not record, because it was cancelled or killed before.
await postStep({ process, core });
