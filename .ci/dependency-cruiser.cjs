// Who may import whom. .github/ARCHITECTURE.md draws the same rules.
const ENTRIES = '^src/(action|action-post)\\.ts$';
/** A room may import itself and what is listed; a type-only import counts too. */
const room = (name, allowed) => ({
  name: `${name}-imports`,
  severity: 'error',
  from: { path: `^src/${name}/` },
  to: { pathNot: [`^src/${name}/`, ...allowed] },
});
const rooms = (...names) => `^src/(${names.join('|')})/`;
const node = (...names) => `^(node:)?(${names.join('|')})(/|$)`;
const packages = (...names) => `node_modules/(${names.join('|')})/`;
const onlyFrom = (name, from, to) => ({
  name,
  severity: 'error',
  from: { path: '^src/', pathNot: from },
  to: { path: to },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    room('core', [node('crypto')]),
    room('manifest', [rooms('core'), packages('js-yaml', 'leven', 'ajv')]),
    room('apply', [rooms('core'), packages('p-limit')]),
    room('reconcile', [rooms('core', 'manifest', 'apply')]),
    room('reporters', [
      rooms('core', 'explain'),
      node('util'),
      packages(
        'picocolors',
        'diff',
        '@babel/code-frame',
        '@types/babel__code-frame',
        'slice-ansi',
        'string-width',
        'wrap-ansi',
      ),
    ]),
    room('state', [rooms('core'), node('fs', 'path', 'os', 'crypto', 'zlib', 'timers', 'util')]),
    room('datadog', [
      rooms('core'),
      node('http', 'https', 'timers', 'url', 'util', 'process', 'stream', 'net', 'tls', 'zlib', 'buffer', 'events'),
      packages('node-fetch', 'https-proxy-agent', 'http-proxy-agent', 'leven', 'fetch-blob'),
    ]),
    room('files', [rooms('core'), node('fs', 'path', 'crypto'), packages('yaml')]),
    room('emulator', [
      rooms('core'),
      node('http', 'fs', 'path', 'crypto', 'timers', 'stream', 'net', 'buffer', 'zlib'),
    ]),
    room('watch', [rooms('core'), node('path'), packages('chokidar')]),
    room('explain', [rooms('core')]),
    room('completion', [rooms('core'), packages('commander')]),
    room('init', [rooms('core')]),
    {
      ...room('page', [rooms('core'), node('crypto', 'http', 'net')]),
      from: { path: '^src/page/(?!client/)' },
    },
    {
      name: 'page-client-imports',
      severity: 'error',
      from: { path: '^src/page/client/' },
      to: { pathNot: ['^src/page/client/', '^src/page/document\\.ts$', packages('htm', 'preact')] },
    },
    room('runtime', [rooms('core'), '^src/reporters/reporter\\.ts$', node('stream', 'timers', 'readline')]),
    room('session', [
      rooms('core', 'manifest', 'runtime', 'reconcile', 'reporters', 'state', 'datadog', 'files', 'emulator', 'page'),
      node('fs', 'path', 'child_process'),
      packages('picomatch', '@types/picomatch'),
    ]),
    {
      name: 'commands-import-no-entry-and-no-github',
      severity: 'error',
      from: { path: '^src/commands/' },
      to: { path: ['^src/cli/', '^src/github/', ENTRIES] },
    },
    {
      ...room('cli', [rooms('commands', 'session', 'runtime', 'completion', 'core'), node('process')]),
      to: {
        pathNot: [
          '^src/cli/',
          rooms('commands', 'session', 'runtime', 'completion', 'core'),
          '^src/reporters/human/(symbols|columns|wrap)\\.ts$',
          node('process'),
          packages('commander'),
        ],
      },
    },
    onlyFrom('only-the-cli-imports-the-cli', ['^src/cli/'], '^src/cli/'),
    onlyFrom('only-cli-and-github-import-commands', ['^src/(cli|commands|github)/'], '^src/commands/'),
    onlyFrom('only-sessions-and-above-import-sessions', ['^src/(cli|commands|session|github)/'], '^src/session/'),
    onlyFrom('github-stays-at-its-edge', [ENTRIES, '^src/github/'], ['^src/github/', 'node_modules/@actions/']),
    onlyFrom('fetch-in-one-room', ['^src/datadog/'], 'node_modules/node-fetch/'),
    onlyFrom('chokidar-in-one-file', ['^src/watch/files\\.ts$'], 'node_modules/chokidar/'),
    onlyFrom('prompts-in-one-file', ['^src/commands/init/questions\\.ts$'], 'node_modules/@clack/'),
    onlyFrom('disk-at-the-edge', ['^src/(files|state|emulator|session|commands|github)/', ENTRIES], '^(node:)?fs(/|$)'),
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'nothing-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
