import { makePack } from '../pack.js';

const policy = String.raw`# Contracts: a program reads, compares and drafts; people promise, price, sign and send.
policy_version: "1"
name: contracts
autonomy_mode: "assist"
rules:
  - id: deny-credentials
    description: A program never types a secret
    match: {contains: "password|passphrase|one-time code|api.?key|secret", contains_is_regex: true}
    action: {type: deny, reason: Supply the credential yourself}
  - id: deny-signature
    description: A contract is signed by people
    match: {contains: "countersign|e-sign|apply (?:the|a|my) signature|execute the agreement", contains_is_regex: true}
    action: {type: deny, reason: Sign it yourself}
  - id: deny-deletion
    description: Nothing is deleted outside of drafts
    match:
      contains: '\b(?:delete|purge|overwrite|discard)'
      contains_is_regex: true
      none_of: [{session_tag: draft}]
    action: {type: deny, reason: Versions of a contract are kept}
  - id: human-obligations
    description: What somebody will owe
    match: {contains: "indemn|liabilit|penalt|warrant|exclusiv", contains_is_regex: true}
    action: {type: require_human, message: This changes what somebody owes}
  - id: human-money
    match: {contains: '\b(?:price|fee|discount|amount|payment|currency)', contains_is_regex: true}
    action: {type: require_human, message: This changes money}
  - id: human-term
    match: {contains: '\b(?:terminat|renew|extend|expir|notice period)', contains_is_regex: true}
    action: {type: require_human, message: This changes how long it binds}
  - id: human-personal-data
    match: {contains: "personal data|passport|date of birth|home address", contains_is_regex: true}
    action: {type: require_human, message: Personal data}
  - id: human-sending
    description: What leaves the house is not taken back
    match: {contains: '\b(?:send|share|forward|publish|upload)', contains_is_regex: true}
    action: {type: require_human, message: This reaches the other side}
  - id: human-words
    description: Words of a contract come from people
    match: {prompt_type: [free_text]}
    action: {type: require_human}
  - id: compare-yes
    match: {prompt_type: [yes_no], contains: '\b(?:compare|show|open|next clause)', contains_is_regex: true, min_confidence: high}
    action: {type: auto_reply, value: "y", constraints: {allowed_choices: ["y", "n"]}}
    max_auto_replies: 50
  - id: draft-enter
    match: {prompt_type: [confirm_enter], session_tag: draft, min_confidence: medium}
    action: {type: auto_reply, value: "\n", constraints: {allowed_choices: ["\n"]}}
    max_auto_replies: 30
defaults: {no_match: require_human, low_confidence: deny}
`;

export const contracts = makePack(
  {
    name: 'contracts',
    title: 'Contracts',
    summary: 'A program reads, compares and drafts; people promise, price, sign and send.',
  },
  policy,
  [
    ['free_text', 'high', '', 'deny-credentials', 'deny', 'Enter the password of the contract archive:'],
    [
      'yes_no',
      'high',
      'draft',
      'deny-credentials',
      'deny',
      'Store the API key for the signing service? [y/n]',
    ],
    ['yes_no', 'high', '', 'deny-signature', 'deny', 'Countersign agreement MSA-2024-17 now?'],
    ['tool_use', 'high', '', 'deny-signature', 'deny', 'Run tool: e-sign with envelope 4711'],
    [
      'confirm_enter',
      'medium',
      'draft',
      'deny-signature',
      'deny',
      'Press Enter to apply the signature of A. Keller',
    ],
    ['yes_no', 'high', '', 'deny-deletion', 'deny', 'Delete version 3 of the supplier agreement?'],
    ['confirm_enter', 'high', 'draft', 'draft-enter', 'auto_reply', 'Overwrite draft-2.docx, press Enter'],
    ['yes_no', 'high', 'draft', null, 'require_human', 'Discard this draft?'],
    ['yes_no', 'high', '', 'human-obligations', 'require_human', 'Accept the indemnity clause as proposed?'],
    [
      'multiple_choice',
      'high',
      '',
      'human-obligations',
      'require_human',
      'Limit of liability: 1) one year 2) none',
    ],
    ['yes_no', 'high', 'draft', 'human-money', 'require_human', 'Set the price to 48,000 EUR?'],
    [
      'multiple_choice',
      'medium',
      '',
      'human-money',
      'require_human',
      'Choose the payment terms: 30 or 60 days',
    ],
    ['yes_no', 'high', '', 'human-term', 'require_human', 'Renew automatically for twelve months?'],
    [
      'confirm_enter',
      'high',
      'draft',
      'human-term',
      'require_human',
      'Notice period of 14 days, Enter to keep',
    ],
    [
      'yes_no',
      'medium',
      '',
      'human-personal-data',
      'require_human',
      'Add the date of birth of the signatory?',
    ],
    ['yes_no', 'high', '', 'human-sending', 'require_human', 'Send the redline to the other party?'],
    ['tool_use', 'high', 'draft', 'human-sending', 'require_human', 'Upload the appendix to the data room'],
    ['free_text', 'high', 'draft', 'human-words', 'require_human', 'Wording of clause 7:'],
    ['yes_no', 'high', '', 'compare-yes', 'auto_reply', 'Compare with the version of last week?'],
    ['yes_no', 'high', '', 'compare-yes', 'auto_reply', 'Open the next clause?'],
    ['yes_no', 'medium', '', null, 'require_human', 'Compare with the version of last week?'],
    [
      'confirm_enter',
      'medium',
      'draft',
      'draft-enter',
      'auto_reply',
      'Numbering updated. Press Enter to go on',
    ],
    ['confirm_enter', 'high', '', null, 'require_human', 'Numbering updated. Press Enter to go on'],
    ['yes_no', 'low', '', null, 'deny', 'Go on?'],
  ],
);
