import { terminal, type Chapter } from './explanation.ts';

export const GUARDS = {
  'delete-limit': {
    means:
      'Deletes and replaces together exceed --max-deletes. The default is 30 % of the recorded connections, and at least one.',
    why: 'A wrong folder or a bad merge looks like a request to delete everything.',
    bad: terminal(`
$ rm connections/users/billing.yaml connections/users/trials.yaml
$ connsync apply --prune --yes
✗ refused, nothing was sent: refusing to destroy 2 of 3 connections (limit: 30 %, here 1)
  → check --dir: connsync found 1 manifest in connections/. Allow the deletes with --max-deletes 2
`),
    good: terminal(`
$ rm connections/users/billing.yaml connections/users/trials.yaml
$ connsync apply --prune --yes --max-deletes 2
Apply complete! Resources: 0 added, 0 changed, 2 destroyed.
`),
    next: 'Check that --dir is right. If the deletes are intended, pass their number to --max-deletes.',
  },
  'no-manifests': {
    means: 'The folder exists and contains no manifest, but the lockfile records connections.',
    why: 'A broken checkout would otherwise delete all of them.',
    bad: terminal(`
$ rm -r connections/users
$ connsync apply
✗ refused, nothing was sent: found no manifests in connections/, but the lockfile records 2 connections
  → check --dir, or use --allow-empty to delete everything
`),
    good: terminal(`
$ rm -r connections/users
$ connsync apply --allow-empty
Apply complete! Resources: 0 added, 0 changed, 0 destroyed.
`),
    next: 'Check that --dir is right. To remove all manifests on purpose, use --allow-empty.',
  },
  takeover: {
    means:
      'A manifest describes a connection that already exists in Datadog with different contents, and connsync has never applied it.',
    why: 'Someone created it by hand or with another tool, and an apply would overwrite their version.',
    bad: terminal(`
$ connsync apply
✗ refused, nothing was sent: users/crm-contacts exists in Datadog with different values and is not in the lockfile
  → use --adopt to apply the manifest, or connsync import to take over the live values
`),
    good: terminal(`
$ connsync apply --adopt --yes
Apply complete! Resources: 0 added, 1 changed, 0 destroyed.
`),
    next: 'Use --adopt to apply the manifest, or delete the manifest and run connsync import to keep the live version.',
  },
  replace: {
    means:
      'Datadog cannot change the type, join or metadata of a connection in place, so connsync must delete and recreate it.',
    why: 'Between the two requests its fields do not exist, and everything that uses them is empty for a moment.',
    bad: terminal(`
$ sed -i 's/join_type: email/join_type: user_id/' connections/users/billing.yaml
$ connsync apply --yes
✗ refused, nothing was sent: users/billing would be replaced
  → allow it with --allow-replace, or add allow: [replace] to the manifest
`),
    good: terminal(`
$ sed -i 's/join_type: email/join_type: user_id/' connections/users/billing.yaml
$ connsync apply --yes --allow-replace
Apply complete! Resources: 1 added, 0 changed, 1 destroyed.
`),
    next: 'Use --allow-replace, or add allow: [replace] to the manifest so that it is reviewed with the change.',
  },
  'protected-replace': {
    means: 'The change needs a replace, and the manifest or the lockfile has protect: true.',
    why: 'A protected connection is never deleted, and a replace deletes it first.',
    bad: terminal(`
$ sed -i 's/join_type: email/join_type: user_id/' connections/users/billing.yaml
$ connsync apply --yes --allow-replace
✗ refused, nothing was sent: users/billing would be replaced but is protected
  → remove protect from the manifest and apply that change first
`),
    good: terminal(`
$ sed -i '/protect/d' connections/users/billing.yaml
$ connsync apply --yes
$ sed -i 's/join_type: email/join_type: user_id/' connections/users/billing.yaml
$ connsync apply --yes --allow-replace
Apply complete! Resources: 1 added, 0 changed, 1 destroyed.
`),
    next: 'Remove protect from the manifest and apply that, then make the change.',
  },
  'drift-refused': {
    means: 'A connection was changed outside Git, and on_drift: refuse stops the whole apply.',
    why: 'The refuse setting asks for a person to review drift first.',
    bad: terminal(`
$ connsync apply --on-drift refuse --yes
✗ refused, nothing was sent: users/billing was changed outside Git, and on_drift is refuse
  → run connsync drift, then undo the changes with --on-drift revert or keep them with --on-drift keep
`),
    good: terminal(`
$ connsync apply --on-drift revert --yes
Apply complete! Resources: 0 added, 1 changed, 0 destroyed.
`),
    next: 'Run connsync drift, then accept, revert or keep the change.',
  },
  'not-confirmed': {
    means: 'The plan destroys something, and connsync cannot ask for confirmation, or the answer was no.',
    why: 'A script that deletes connections should say so explicitly.',
    bad: terminal(`
$ rm connections/users/billing.yaml
$ connsync apply --prune
✗ 1 connection would be destroyed, which needs confirmation, and there is no terminal to ask on  not-confirmed
  → review connsync plan, then add --yes
`),
    good: terminal(`
$ rm connections/users/billing.yaml
$ connsync apply --prune --yes
Apply complete! Resources: 0 added, 0 changed, 1 destroyed.
`),
    next: 'Answer y on a terminal, or use --yes.',
  },
  'stale-checkout': {
    means: 'The GitHub Action was run again for a commit, but the branch has newer manifests.',
    why: 'Rerunning an old workflow would restore old manifests.',
    bad: terminal(`
$ gh run rerun 1234567890
✗ connections/users/crm-contacts.yaml changed in a newer commit on main of acme/data that this checkout does not have  stale-checkout
  → wait for that commit's own run, or run the workflow again on the branch
`),
    good: terminal(`
$ gh workflow run connsync-apply.yml
`),
    next: 'Run the workflow for the newest commit instead.',
  },
  'stale-plan': {
    means:
      'Something changed after the review of the plan, and the apply now needs actions that the plan does not contain.',
    why: 'These additional actions have not been reviewed.',
    bad: terminal(`
$ connsync plan --out plan.json
$ cp shared/leads.yaml connections/users/leads.yaml
$ connsync apply --plan plan.json
✗ refused, nothing was sent: plan.json is stale: users/crm-leads needs changes that were not reviewed; changed since then: the manifests
  → run connsync plan --out plan.json again
`),
    good: terminal(`
$ cp shared/leads.yaml connections/users/leads.yaml
$ connsync plan --out plan.json
$ connsync apply --plan plan.json
Apply complete! Resources: 2 added, 0 changed, 0 destroyed.
`),
    next: 'Run connsync plan --out plan.json again, review the plan and apply it.',
  },
} satisfies Chapter;

export const OURS = {
  unexpected: {
    means: 'connsync has a bug, and this is not your fault. Completed changes are recorded.',
    why: 'connsync stops, because it cannot know whether it is safe to continue.',
    bad: terminal(`
$ connsync plan
✗ unexpected error: digest is not a function  unexpected
  → this is a bug in connsync: run again with --verbose and report the output
`),
    good: terminal(`
$ # once the bug is fixed
$ connsync plan
Plan: 1 to add, 0 to change, 0 to destroy.
`),
    next: 'Run the command again with --verbose, and report the stack trace that it prints.',
  },
} satisfies Chapter;
