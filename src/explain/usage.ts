import { terminal, type Chapter } from './explanation.ts';

export const USAGE = {
  usage: {
    means: 'A command, flag or value is unknown, or a required one is missing.',
    why: 'Ignoring an unknown flag could disable a protection.',
    bad: terminal(`
$ connsync accept
✗ no connection was named  usage
  → name keys, for example users/billing, or add --all
`),
    good: terminal(`
$ connsync accept --all
`),
    next: 'Run connsync COMMAND --help for every flag, with examples.',
  },
  'bad-site': {
    means: "The site from --site, DD_SITE or connsync.yaml is neither one of Datadog's nine sites nor local.",
    why: 'The site becomes part of the address that receives your keys.',
    bad: terminal(`
$ connsync plan --site datadog.eu
✗ "datadog.eu" is not a Datadog site  bad-site
  → did you mean "datadoghq.eu"?
`),
    good: terminal(`
$ connsync plan --site datadoghq.eu
Plan: 1 to add, 0 to change, 0 to destroy.
`),
    next: 'Use the host name of your Datadog web page without the leading app, for example datadoghq.eu.',
  },
  'bad-address': {
    means: 'The address from --api-url or DD_API_URL is malformed, or not https.',
    why: 'Over plain http, anyone on the network path could read the keys.',
    bad: terminal(`
$ connsync plan --api-url http://api.datadoghq.eu
✗ The API address http://api.datadoghq.eu is not on this machine, so it must be https  bad-address
  → use https://host, or http://127.0.0.1:port for a server on this machine
`),
    good: terminal(`
$ connsync plan --site datadoghq.eu
Plan: 1 to add, 0 to change, 0 to destroy.
`),
    next: 'Use https, or remove the setting: connsync knows the address of each --site.',
  },
  'bad-plan-file': {
    means: 'The file of --plan does not exist, or plan --out did not write it.',
    why: 'Only that file says which actions were reviewed, and with which flags.',
    bad: terminal(`
$ connsync plan > plan.json
$ connsync apply --plan plan.json
✗ plan.json  1 error
  bad-plan-file  plan.json is not a plan: it is not JSON
  → create one with connsync plan --out plan.json
`),
    good: terminal(`
$ connsync plan --out plan.json
$ connsync apply --plan plan.json
Apply complete! Resources: 1 added, 0 changed, 0 destroyed.
`),
    next: 'Create it with connsync plan --out FILE.',
  },
  'conflicting-settings': {
    means: 'Two variables or flags contradict each other: two sites, two keys, or a token and keys.',
    why: 'Whichever one connsync chose, it could be the wrong organisation.',
    bad: terminal(`
$ DD_SITE=datadoghq.com DATADOG_SITE=datadoghq.eu connsync plan
✗ DD_SITE is datadoghq.com, but DATADOG_SITE is datadoghq.eu  conflicting-settings
  → unset one of them
`),
    good: terminal(`
$ DD_SITE=datadoghq.eu connsync plan
Plan: 1 to add, 0 to change, 0 to destroy.
`),
    next: 'Remove one of the two settings in the message.',
  },
  'bad-credentials': {
    means: 'A key or token holds whitespace, a control character, or a letter that no key has.',
    why: 'Datadog would only return 403, which hides the cause: a copy-and-paste mistake.',
    bad: terminal(`
$ DD_API_KEY='Bearer 0123456789abcdef' connsync plan
✗ DD_API_KEY contains whitespace  bad-credentials
  → set DD_API_KEY to the key or token alone: one line, without quotes or the word Bearer
`),
    good: terminal(`
$ DD_API_KEY=0123456789abcdef0123456789abcdef connsync plan
Plan: 1 to add, 0 to change, 0 to destroy.
`),
    next: 'Set the key alone: one line, without quotes or the word Bearer.',
  },
  'insecure-tls': {
    means: 'NODE_TLS_REJECT_UNAUTHORIZED=0 makes Node trust every certificate.',
    why: 'Anyone between you and Datadog could then read the keys.',
    bad: terminal(`
$ NODE_TLS_REJECT_UNAUTHORIZED=0 connsync plan
✗ NODE_TLS_REJECT_UNAUTHORIZED=0 could send the keys to an impostor  insecure-tls
  → unset it; if a proxy of yours re-signs traffic, set NODE_EXTRA_CA_CERTS to its certificate
`),
    good: terminal(`
$ NODE_EXTRA_CA_CERTS=/etc/ssl/our-proxy.pem connsync plan
Plan: 1 to add, 0 to change, 0 to destroy.
`),
    next: 'Unset it, and set NODE_EXTRA_CA_CERTS to the certificate of your proxy.',
  },
} satisfies Chapter;
