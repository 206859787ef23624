// Loads GitHub's toolkit, which the Action needs in addition to connsync, without using it.
import * as core from '@actions/core';
import { getOctokit } from '@actions/github';

process.stdout.write(`${core.getInput('command')} ${typeof getOctokit('token').request}\n`);
