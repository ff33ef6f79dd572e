import { makePack } from '../pack.js';

const policy = String.raw`# Data pipelines: a program runs, retries and loads tests; people touch production, schemas and personal data.
policy_version: "1"
name: etl
autonomy_mode: "full"
rules:
  - id: deny-credentials
    match: {contains: "password|passphrase|connection string|access.?key|secret|token", contains_is_regex: true}
    action: {type: deny, reason: Credentials come from the vault}
  - id: deny-destructive
    description: Tables are dropped in test databases only
    match:
      contains: '\b(?:drop|truncate|delete from|purge|vacuum full)'
      contains_is_regex: true
      none_of: [{session_tag: test}]
    action: {type: deny, reason: This destroys data}
  - id: deny-unmasked
    description: Personal data does not leave its zone in the clear
    match: {contains: "unmask|without masking|raw pii|disable encryption|plain.?text export", contains_is_regex: true}
    action: {type: deny, reason: Masking stays on}
  - id: human-production
    match: {contains: '\b(?:production|prod)\b', contains_is_regex: true}
    action: {type: require_human, message: This reaches production}
  - id: human-schema
    match: {contains: "schema change|alter table|add column|rename column|new column|type change", contains_is_regex: true}
    action: {type: require_human, message: The schema changes}
  - id: human-quality
    description: A failed check stops the line
    match: {contains: "row count|null rate|check failed|quality gate|rejected rows|out of range", contains_is_regex: true}
    action: {type: require_human, message: A quality check failed}
  - id: human-backfill
    match: {contains: '\b(?:backfill|reprocess|replay|full reload)', contains_is_regex: true}
    action: {type: require_human, message: This rewrites history}
  - id: human-export
    match: {contains: '\b(?:export|share|copy to|sync to|send)\b', contains_is_regex: true}
    action: {type: require_human, message: Data leaves the platform}
  - id: retry-transient
    match:
      any_of:
        - {prompt_type: [yes_no], contains: "retry", min_confidence: medium}
        - {prompt_type: [yes_no], contains: "try again", min_confidence: medium}
    action: {type: auto_reply, value: "y", constraints: {allowed_choices: ["y", "n"]}}
    max_auto_replies: 5
  - id: test-yes
    match: {prompt_type: [yes_no, confirm_enter], session_tag: test, min_confidence: high}
    action: {type: auto_reply, value: "y", constraints: {allowed_choices: ["y", "n"]}}
    max_auto_replies: 100
  - id: notify-unsure
    match: {max_confidence: low}
    action: {type: notify_only, message: A pipeline waits}
defaults: {no_match: require_human, low_confidence: require_human}
`;

export const etl = makePack(
  {
    name: 'etl',
    title: 'Data pipelines',
    summary: 'A program runs, retries and loads tests; people touch production, schemas and personal data.',
  },
  policy,
  [
    ['free_text', 'high', 'test', 'deny-credentials', 'deny', 'Connection string of the warehouse:'],
    ['yes_no', 'high', 'test', 'deny-credentials', 'deny', 'Token expired. Paste a new one?'],
    ['yes_no', 'high', '', 'deny-destructive', 'deny', 'Truncate staging.orders before the load?'],
    ['tool_use', 'high', '', 'deny-destructive', 'deny', 'sql: DELETE FROM customers WHERE id > 0'],
    ['yes_no', 'high', 'test', 'test-yes', 'auto_reply', 'Drop table tmp_orders?'],
    ['yes_no', 'high', 'test', 'deny-unmasked', 'deny', 'Load customers without masking?'],
    ['yes_no', 'high', '', 'deny-unmasked', 'deny', 'Disable encryption for this transfer?'],
    ['yes_no', 'high', '', 'human-production', 'require_human', 'Deploy the job to production?'],
    ['confirm_enter', 'high', 'test', 'human-production', 'require_human', 'Target is PROD. Press Enter'],
    ['yes_no', 'high', '', 'human-schema', 'require_human', 'Source has a new column "tax". Add it?'],
    ['yes_no', 'medium', '', 'human-schema', 'require_human', 'Run ALTER TABLE orders?'],
    ['yes_no', 'high', '', 'human-quality', 'require_human', 'Row count fell by 40 %. Go on?'],
    ['yes_no', 'high', 'test', 'human-quality', 'require_human', '812 rejected rows. Ignore them?'],
    ['yes_no', 'high', '', 'human-backfill', 'require_human', 'Backfill 2024 with the new rule?'],
    ['tool_use', 'high', '', 'human-export', 'require_human', 'Export table margins as CSV'],
    ['yes_no', 'high', '', 'human-export', 'require_human', 'Sync to the partner bucket?'],
    ['yes_no', 'medium', '', 'retry-transient', 'auto_reply', 'Connection lost. Retry?'],
    ['yes_no', 'high', '', 'retry-transient', 'auto_reply', 'Lock timeout, try again?'],
    ['yes_no', 'low', '', 'notify-unsure', 'notify_only', 'Retry?'],
    ['confirm_enter', 'high', 'test', 'test-yes', 'auto_reply', 'Sample loaded. Press Enter'],
    ['confirm_enter', 'high', '', null, 'require_human', 'Sample loaded. Press Enter'],
    ['multiple_choice', 'medium', '', null, 'require_human', 'Load mode: 1) append 2) merge'],
    ['free_text', 'low', '', 'notify-unsure', 'notify_only', 'Partition:'],
  ],
);
