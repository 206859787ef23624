// What the Action has to load beside connsync: GitHub's toolkit, made ready and not used.
import * as core from '@actions/core';
import { getOctokit } from '@actions/github';

process.stdout.write(`${core.getInput('command')} ${typeof getOctokit('token').request}\n`);
