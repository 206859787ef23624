import { terminal, type Chapter } from './explanation.ts';

export const TARGET = {
  'credentials-missing': {
    means: 'The command has to talk to Datadog, and neither both keys nor a token are set.',
    why: 'An apply never falls back to a guess about what is live.',
    bad: terminal(`
$ connsync apply
✗ no credentials for Datadog are set  credentials-missing
  → set DD_API_KEY and DD_APP_KEY, or DD_BEARER_TOKEN; without an account, try --site local
`),
    good: terminal(`
$ connsync apply --site local --yes
Apply complete! Resources: 1 added, 0 changed, 0 destroyed.
`),
    next: 'Set DD_API_KEY and DD_APP_KEY, or DD_BEARER_TOKEN; --site local needs no account.',
  },
  'credentials-rejected': {
    means: 'Datadog answered 401 or 403: the keys are wrong, of another site, or without the permission.',
    why: 'Without the right to read, there is nothing to compare with.',
    bad: terminal(`
$ connsync plan
✗ Datadog said 403 Forbidden to GET /api/v2/product-analytics/users/mapping/connections (request-id …)  credentials-rejected
  site datadoghq.com, API key ending aaaa (DD_API_KEY), application key ending bbbb (DD_APP_KEY)
  → is the key from another site? try --site datadoghq.eu, or: connsync doctor; the permissions needed are audience_management_read and, to apply, audience_management_write
`),
    good: terminal(`
$ export DD_APP_KEY=0123456789abcdef0123456789abcdef01234567
$ connsync plan
No changes. 2 unchanged.
`),
    next: 'connsync doctor tries keys, site and permission one by one. Needed are audience_management_read, and _write to apply.',
  },
  'site-mismatch': {
    means: 'The lockfile, or the plan that was reviewed, was made for another site than this run is for.',
    why: 'Against another site everything would look deleted, and be created there.',
    bad: terminal(`
$ connsync plan --site datadoghq.eu
✗ connections.lock belongs to datadoghq.com, and this run is for datadoghq.eu  site-mismatch
  → use --site datadoghq.com, or another --lockfile
`),
    good: terminal(`
$ connsync plan --site datadoghq.com
No changes. 2 unchanged.
`),
    next: 'Use the site that the message names, or another --lockfile for the other site.',
  },
  'organisation-mismatch': {
    means: 'The lockfile was made for another organisation than these keys belong to.',
    why: 'The connections of one organisation would be created in another.',
    bad: terminal(`
$ connsync plan
✗ connections.lock belongs to the organisation 0a1b2c3d-0000-4000-8000-000000000000, and these credentials to …  organisation-mismatch
  → use the keys of that organisation, or another --lockfile
`),
    good: terminal(`
$ connsync plan --lockfile staging.lock
Plan: 0 to add, 0 to change, 0 to destroy. 2 to adopt.
`),
    next: 'Use the keys of that organisation, or a lockfile of its own for each.',
  },
  'entity-unknown': {
    means: 'Datadog answered 404 to the list of an entity.',
    why: 'The entity is misspelt, or Product Analytics is not enabled in this organisation.',
    bad: terminal(`
$ connsync plan
✗ Datadog said 404 Not Found to GET /api/v2/product-analytics/user/mapping/connections (request-id …)  entity-unknown
  entity user, site datadoghq.com
  → the entity is unknown, or Product Analytics is not enabled there; users and accounts are documented
`),
    good: terminal(`
$ sed -i 's/^entity: user$/entity: users/' connections/users/crm-contacts.yaml
$ connsync plan
Plan: 1 to add, 0 to change, 0 to destroy.
`),
    next: 'Check entity: in the manifests; users and accounts are the documented ones.',
  },
} satisfies Chapter;

export const DATADOG = {
  unreachable: {
    means: 'No answer came, or only 5xx and 429, however often it was tried.',
    why: 'Where Datadog can not be asked, nothing is planned or written on a guess.',
    bad: terminal(`
$ connsync plan --api-url http://127.0.0.1:9 --max-retries 0
✗ GET /api/v2/product-analytics/users/mapping/connections at datadoghq.com failed: no connection: connect ECONNREFUSED 127.0.0.1:9  unreachable
  → check the network, --site and the proxy variables, or: connsync doctor
`),
    good: terminal(`
$ connsync plan --offline
Plan: 1 to add, 0 to change, 0 to destroy.
`),
    next: 'Check network, proxy and --site with connsync doctor; what was done is recorded, and running again is safe.',
  },
  'invalid-response': {
    means: 'The answer is no list of connections: a page, a redirect, another status, or something too large.',
    why: 'A list that is read by half makes live connections look deleted.',
    bad: terminal(`
$ # before signing in to the network of a hotel
$ connsync plan
✗ Datadog answered GET /api/v2/product-analytics/users/mapping/connections with something that is no JSON  invalid-response
  → nothing was planned from it; is the address right? try: connsync doctor
`),
    good: terminal(`
$ # once signed in
$ connsync plan
No changes. 2 unchanged.
`),
    next: 'Is something between you and Datadog answering? connsync plan --trace FILE shows every answer.',
  },
} satisfies Chapter;
