import { terminal, type Chapter } from './explanation.ts';

export const TARGET = {
  'credentials-missing': {
    means: 'The command needs Datadog, and neither both keys nor a token are set.',
    why: 'An apply never guesses what is live.',
    bad: terminal(`
$ connsync apply
✗ no Datadog credentials are set  credentials-missing
  → set DD_API_KEY and DD_APP_KEY, or DD_BEARER_TOKEN; without an account, try --site local
`),
    good: terminal(`
$ connsync apply --site local --yes
Apply complete! Resources: 1 added, 0 changed, 0 destroyed.
`),
    next: 'Set DD_API_KEY and DD_APP_KEY, or DD_BEARER_TOKEN. --site local needs no account.',
  },
  'credentials-rejected': {
    means: 'Datadog returned 401 or 403: the keys are wrong, belong to another site, or lack a permission.',
    why: 'Without permission to read, connsync has nothing to compare with.',
    bad: terminal(`
$ connsync plan
✗ Datadog returned 403 Forbidden to GET /api/v2/product-analytics/users/mapping/connections (request-id …)  credentials-rejected
  site datadoghq.com, API key ending aaaa (DD_API_KEY), application key ending bbbb (DD_APP_KEY)
  → run connsync doctor, or try --site datadoghq.eu if the key belongs to another site; the key needs the permission audience_management_read and, to apply, audience_management_write
`),
    good: terminal(`
$ export DD_APP_KEY=0123456789abcdef0123456789abcdef01234567
$ connsync plan
No changes. 2 unchanged.
`),
    next: 'Run connsync doctor to test keys, site and permission. It needs audience_management_read, and audience_management_write to apply.',
  },
  'site-mismatch': {
    means: 'The lockfile or the reviewed plan belongs to one site, and this run is for another.',
    why: 'On the wrong site, every connection would look deleted, and connsync would create it there.',
    bad: terminal(`
$ connsync plan --site datadoghq.eu
✗ connections.lock belongs to datadoghq.com, but this run is for datadoghq.eu  site-mismatch
  → use --site datadoghq.com, or another --lockfile
`),
    good: terminal(`
$ connsync plan --site datadoghq.com
No changes. 2 unchanged.
`),
    next: 'Use the site that the message names, or another --lockfile for the other site.',
  },
  'organisation-mismatch': {
    means: 'The lockfile belongs to another organisation than these keys.',
    why: 'connsync would create the connections of one organisation in another.',
    bad: terminal(`
$ connsync plan
✗ connections.lock belongs to the organisation 0a1b2c3d-0000-4000-8000-000000000000, but these credentials belong to …  organisation-mismatch
  → use the keys of that organisation, or another --lockfile
`),
    good: terminal(`
$ connsync plan --lockfile staging.lock
Plan: 0 to add, 0 to change, 0 to destroy. 2 to adopt.
`),
    next: 'Use the keys of that organisation, or a separate lockfile for each.',
  },
  'entity-unknown': {
    means: 'Datadog returned 404 to the list of an entity.',
    why: 'The entity is misspelled, or Product Analytics is not enabled in this organisation.',
    bad: terminal(`
$ connsync plan
✗ Datadog returned 404 Not Found to GET /api/v2/product-analytics/user/mapping/connections (request-id …)  entity-unknown
  entity user, site datadoghq.com
  → use users or accounts, the documented entities, or enable Product Analytics for this entity
`),
    good: terminal(`
$ sed -i 's/^entity: user$/entity: users/' connections/users/crm-contacts.yaml
$ connsync plan
Plan: 1 to add, 0 to change, 0 to destroy.
`),
    next: 'Check entity: in the manifests. The documented entities are users and accounts.',
  },
} satisfies Chapter;

export const DATADOG = {
  unreachable: {
    means: 'Datadog did not respond, or returned only 5xx and 429 to every retry.',
    why: 'connsync does not plan or write anything based on a guess.',
    bad: terminal(`
$ connsync plan --api-url http://127.0.0.1:9 --max-retries 0
✗ GET /api/v2/product-analytics/users/mapping/connections at datadoghq.com failed: no connection: connect ECONNREFUSED 127.0.0.1:9  unreachable
  → check the network, --site and the proxy variables, or run connsync doctor
`),
    good: terminal(`
$ connsync plan --offline
Plan: 1 to add, 0 to change, 0 to destroy.
`),
    next: 'Check network, proxy and --site with connsync doctor; run the command again when Datadog is reachable; completed changes are recorded.',
  },
  'invalid-response': {
    means: 'The response is not a list of connections: a web page, a redirect, an unexpected status, or too large.',
    why: 'An incomplete list makes live connections look deleted.',
    bad: terminal(`
$ # before signing in to the network of a hotel
$ connsync plan
✗ Datadog answered GET /api/v2/product-analytics/users/mapping/connections with a body that is not JSON  invalid-response
  → run connsync doctor to check the API address; nothing was planned from this response
`),
    good: terminal(`
$ # once signed in
$ connsync plan
No changes. 2 unchanged.
`),
    next: 'Check for a proxy or login page between you and Datadog. connsync plan --trace FILE records every response.',
  },
} satisfies Chapter;
