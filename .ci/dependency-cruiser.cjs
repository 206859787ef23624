// Who may import whom. The picture of it is in .github/ARCHITECTURE.md.
const RIMS = '^src/(cli|action|action-post|commands/|github/)';
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { pathNot: [from, ...allowed] },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    only('core-imports-core', '^src/core/', ['^(node:)?crypto$']),
    only('manifest-imports-core', '^src/manifest/', ['^src/core/', 'node_modules/(js-yaml|leven|ajv)/']),
    only('report-imports-core', '^src/report/', [
      '^src/(core|explain)/',
      '^(node:)?util$',
      'node_modules/(picocolors|diff|@babel/code-frame|@types/babel__code-frame|slice-ansi|string-width|wrap-ansi)/',
    ]),
    only('apply-imports-core', '^src/apply/', ['^src/core/', 'node_modules/p-limit/']),
    only('reconcile-imports-core-manifest-apply', '^src/(reconcile|carry-out|observe|survey)\\.ts$', [
      '^src/(core|manifest|apply)/',
    ]),
    only('state-imports-core-and-disk', '^src/state/', ['^src/core/', '^(node:)?(fs|path|os|crypto|zlib|timers|util)']),
    only('datadog-imports-core-and-network', '^src/datadog/', [
      '^src/core/',
      '^(node:)?(http|https|timers|url|util|process|stream|net|tls|zlib|buffer|events)',
      'node_modules/(node-fetch|https-proxy-agent|http-proxy-agent|leven|fetch-blob)/',
    ]),
    only('files-import-core-and-disk', '^src/files/', [
      '^src/core/',
      '^(node:)?(fs|path|crypto)',
      'node_modules/yaml/',
    ]),
    only('emulator-imports-core-and-network', '^src/emulator/', [
      '^src/core/',
      '^(node:)?(http|fs|path|crypto|timers|stream|net|buffer|zlib)',
    ]),
    only('watch-imports-core-and-chokidar', '^src/watch/', ['^src/core/', '^(node:)?path$', 'node_modules/chokidar/']),
    only('explain-imports-core', '^src/explain/', ['^src/core/']),
    only('completion-imports-core-and-commander', '^src/completion/', ['^src/core/', 'node_modules/commander/']),
    only('page-imports-core-and-http', '^src/page/(?!client/)', ['^src/core/', '^(node:)?(crypto|http|net)$']),
    only('page-client-imports-its-document', '^src/page/client/', [
      '^src/page/document\\.ts$',
      'node_modules/(htm|preact)/',
    ]),
    only('init-imports-core', '^src/init/', ['^src/core/']),
    {
      name: 'rims-alone-import-files-emulator-and-init',
      severity: 'error',
      from: { pathNot: [RIMS, '^src/(files|emulator|init)/', '^test/'] },
      to: { path: '^src/(files|emulator|init)/' },
    },
    {
      name: 'rims-alone-import-the-page',
      severity: 'error',
      from: { pathNot: [RIMS, '^src/page/', '^test/'] },
      to: { path: '^src/page/' },
    },
    { name: 'nobody-imports-the-rims', severity: 'error', from: { pathNot: [RIMS, '^test/'] }, to: { path: RIMS } },
    {
      name: 'github-at-its-own-rim',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/action(-post)?\\.ts$', '^src/github/'] },
      to: { path: ['^src/github/', 'node_modules/@actions/'] },
    },
    {
      name: 'fetch-in-one-place',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/datadog/' },
      to: { path: 'node_modules/node-fetch/' },
    },
    {
      name: 'chokidar-in-one-place',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/watch/files\\.ts$' },
      to: { path: 'node_modules/chokidar/' },
    },
    {
      name: 'questions-in-one-place',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/commands/init-questions\\.ts$' },
      to: { path: 'node_modules/@clack/' },
    },
    {
      name: 'disk-at-the-rim',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(files|state|emulator)/', RIMS] },
      to: { path: '^(node:)?fs' },
    },
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
