// Where this project lives. package.json repeats it in three places, and a release must run in that repository: npm's provenance
// and the links of the package would name another one otherwise.
//
//   node .ci/repository.mjs               holds package.json against it
//   node .ci/repository.mjs owner/name    and the repository that a release runs in
import { readFileSync } from 'node:fs';

const REPOSITORY = 'connsync/connsync';
const ADDRESS = `https://github.com/${REPOSITORY}`;

const { repository, homepage, bugs } = JSON.parse(readFileSync('package.json', 'utf8'));
const [, , running = REPOSITORY] = process.argv;
const wanted = [
  ['repository.url in package.json', repository?.url, `git+${ADDRESS}.git`],
  ['homepage in package.json', homepage, `${ADDRESS}#readme`],
  ['bugs in package.json', bugs, `${ADDRESS}/issues`],
  ['the repository of this run', running, REPOSITORY],
];
for (const [what, is, should] of wanted)
  if (is !== should) {
    console.error(`${what} is ${is}, not ${should}. The name of the repository is in .ci/repository.mjs.`);
    process.exitCode = 1;
  }
