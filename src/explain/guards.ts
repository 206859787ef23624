import { terminal, type Chapter } from './explanation.ts';

export const GUARDS = {
  'delete-limit': {
    means:
      'Deletes and replaces together are more than --max-deletes allows; by default 30 % of what is recorded, and at least one.',
    why: 'A wrong folder or a bad merge looks like: delete everything.',
    bad: terminal(`
$ rm connections/users/billing.yaml connections/users/trials.yaml
$ connsync apply --prune --yes
✗ refused, nothing was sent: refusing to destroy 2 of 3 connections (limit: 30 %, here 1)
  → is --dir right? connections/ held 1 manifest. Override with --max-deletes 2
`),
    good: terminal(`
$ rm connections/users/billing.yaml connections/users/trials.yaml
$ connsync apply --prune --yes --max-deletes 2
Apply complete! Resources: 0 added, 0 changed, 2 destroyed.
`),
    next: 'Check that --dir is right; where they are all meant to go, allow exactly that many.',
  },
  'no-manifests': {
    means: 'The folder is there and holds no manifest, while the lockfile records connections.',
    why: 'A checkout that went wrong would otherwise delete all of them.',
    bad: terminal(`
$ rm -r connections/users
$ connsync apply
✗ refused, nothing was sent: no manifest is left in connections/, but 2 connections are recorded
  → is --dir right? If everything is meant to go, use --allow-empty
`),
    good: terminal(`
$ rm -r connections/users
$ connsync apply --allow-empty
Apply complete! Resources: 0 added, 0 changed, 0 destroyed.
`),
    next: 'Check that --dir is right; where everything is meant to go, use --allow-empty.',
  },
  takeover: {
    means:
      'A manifest describes a connection that is live already, with other contents, and that connsync has never applied.',
    why: 'Somebody made it by hand or with another tool; their version would be overwritten.',
    bad: terminal(`
$ connsync apply
✗ refused, nothing was sent: users/crm-contacts exists in Datadog with other contents, and is not in the lockfile
  → let the manifests win with --adopt, or take over what is live with connsync import
`),
    good: terminal(`
$ connsync apply --adopt --yes
Apply complete! Resources: 0 added, 1 changed, 0 destroyed.
`),
    next: 'Let the manifest win with --adopt; or delete it and take what is live with connsync import.',
  },
  replace: {
    means:
      'Datadog can not change type, join or metadata of a connection in place: it has to be deleted and created again.',
    why: 'Between the two its fields are gone, and whatever uses them is empty for a moment.',
    bad: terminal(`
$ sed -i 's/join_type: email/join_type: user_id/' connections/users/billing.yaml
$ connsync apply --yes
✗ refused, nothing was sent: users/billing would be replaced
  → allow it with --allow-replace, or allow: [replace] in the manifest
`),
    good: terminal(`
$ sed -i 's/join_type: email/join_type: user_id/' connections/users/billing.yaml
$ connsync apply --yes --allow-replace
Apply complete! Resources: 1 added, 0 changed, 1 destroyed.
`),
    next: 'Allow it with --allow-replace, or with allow: [replace] in the manifest, reviewed with the change.',
  },
  'protected-replace': {
    means: 'The change needs a replace, and protect: true stands in the manifest or in the lockfile.',
    why: 'Protected means: never deleted, and a replace deletes.',
    bad: terminal(`
$ sed -i 's/join_type: email/join_type: user_id/' connections/users/billing.yaml
$ connsync apply --yes --allow-replace
✗ refused, nothing was sent: users/billing would be replaced, and is protected
  → remove protect from the manifest and apply that first
`),
    good: terminal(`
$ sed -i '/protect/d' connections/users/billing.yaml
$ connsync apply --yes
$ sed -i 's/join_type: email/join_type: user_id/' connections/users/billing.yaml
$ connsync apply --yes --allow-replace
Apply complete! Resources: 1 added, 0 changed, 1 destroyed.
`),
    next: 'Take protect out of the manifest and apply that, then make the change.',
  },
  'drift-refused': {
    means: 'Something was changed outside Git, and on_drift: refuse says that an apply then does nothing at all.',
    why: 'Whoever chose refuse wants a person to look first.',
    bad: terminal(`
$ connsync apply --on-drift refuse --yes
✗ refused, nothing was sent: users/billing was changed outside Git, and on_drift is refuse
  → see connsync drift, then set it back with --on-drift revert or leave it with --on-drift keep
`),
    good: terminal(`
$ connsync apply --on-drift revert --yes
Apply complete! Resources: 0 added, 1 changed, 0 destroyed.
`),
    next: 'See connsync drift; then accept it, revert it or keep it.',
  },
  'not-confirmed': {
    means: 'The plan destroys something and nobody is there to ask, or the answer was no.',
    why: 'A script that deletes should say so in its own text.',
    bad: terminal(`
$ rm connections/users/billing.yaml
$ connsync apply --prune
✗ 1 connection would be destroyed, and nobody is there to ask  not-confirmed
  → look at connsync plan, then use --yes
`),
    good: terminal(`
$ rm connections/users/billing.yaml
$ connsync apply --prune --yes
Apply complete! Resources: 0 added, 0 changed, 1 destroyed.
`),
    next: 'Answer y on a terminal, or say --yes.',
  },
  'stale-checkout': {
    means: 'The GitHub Action was run again for a commit, and the branch has newer manifests by now.',
    why: 'An old run that is started again would put old manifests back.',
    bad: terminal(`
$ gh run rerun 1234567890
✗ a newer commit on main of acme/data changes connections/users/crm-contacts.yaml, and this checkout does not have it  stale-checkout
  → its own run will apply it; to repeat this one, run the workflow anew on the branch
`),
    good: terminal(`
$ gh workflow run connsync-apply.yml
`),
    next: 'Run the workflow for the newest commit instead.',
  },
  'stale-plan': {
    means: 'Since the plan was reviewed, something changed so that more is needed now than stands in it.',
    why: 'Nobody has looked at what came on top.',
    bad: terminal(`
$ connsync plan --out plan.json
$ cp shared/leads.yaml connections/users/leads.yaml
$ connsync apply --plan plan.json
✗ refused, nothing was sent: plan.json is stale: users/crm-leads needs something that was not reviewed; since then changed: the manifests
  → connsync plan --out plan.json again
`),
    good: terminal(`
$ cp shared/leads.yaml connections/users/leads.yaml
$ connsync plan --out plan.json
$ connsync apply --plan plan.json
Apply complete! Resources: 2 added, 0 changed, 0 destroyed.
`),
    next: 'Plan again, look at it again, and apply that.',
  },
} satisfies Chapter;

export const OURS = {
  unexpected: {
    means: 'connsync met something that it was not written for. It is never your fault, and what was done is recorded.',
    why: 'It stops rather than go on with what it does not understand.',
    bad: terminal(`
$ connsync plan
✗ unexpected: digest is not a function  unexpected
  → this is a bug of connsync; run again with --verbose and report what it says
`),
    good: terminal(`
$ # once it is mended
$ connsync plan
Plan: 1 to add, 0 to change, 0 to destroy.
`),
    next: 'Run it again with --verbose, and report the stack that it prints.',
  },
} satisfies Chapter;
