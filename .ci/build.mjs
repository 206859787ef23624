// Builds dist/: the command line, the library with its types, and the notices of bundled packages.
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { notices } from './notices.mjs';
import { buildPage } from './page.mjs';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const withTypes = !process.argv.includes('--fast');

const common = {
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minifySyntax: true,
  minifyWhitespace: true,
  // Builds are reproducible, so a build of the same commit with source maps can decode a stack trace.
  minifyIdentifiers: true,
  // THIRD-PARTY-NOTICES.txt has all licences.
  legalComments: 'none',
  metafile: true,
  // Bundled CommonJS packages load Node's built-in modules with `require`.
  banner: { js: 'import { createRequire as __cr } from "node:module"; const require = __cr(import.meta.url);' },
};

rmSync('dist', { recursive: true, force: true });
const bundles = await Promise.all([
  buildPage(),
  build({
    ...common,
    entryPoints: { main: 'src/cli/main.ts', index: 'src/index.ts' },
    chunkNames: 'chunks/[name]-[hash]',
  }),
  // A separate build, so that the command line contains nothing of GitHub's toolkit.
  build({
    ...common,
    entryPoints: { action: 'src/action.ts', post: 'src/action-post.ts' },
    chunkNames: 'action/[name]-[hash]',
    define: { CONNSYNC_VERSION: JSON.stringify(version) },
  }),
]);

writeFileSync('dist/cli.cjs', entry(version));
chmodSync('dist/cli.cjs', 0o755);
writeFileSync('dist/THIRD-PARTY-NOTICES.txt', notices(bundles.flatMap(({ metafile }) => Object.keys(metafile.inputs))));
if (withTypes) {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.ci/tsconfig.types.json'], {
    stdio: 'inherit',
  });
}

/** Prints `--version` without loading anything else. A CommonJS file starts faster than a module. */
function entry(number) {
  return `#!/usr/bin/env node
'use strict';
const version = ${JSON.stringify(number)};
const [first, ...more] = process.argv.slice(2);
if (more.length === 0 && (first === '--version' || first === '-V')) process.stdout.write(version + '\\n');
else {
  require('node:module').enableCompileCache?.();
  import('./main.js').then(({ main }) => main(version, require('node:path').dirname(__dirname)));
}
`;
}
