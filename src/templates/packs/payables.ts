import { makePack } from '../pack.js';

const policy = String.raw`# Accounts payable and receivable: a program matches and sorts; people release, refund and change where money goes.
policy_version: "1"
name: payables
autonomy_mode: "assist"
rules:
  - id: deny-credentials
    match: {contains: "password|passphrase|\\bpin\\b|\\btan\\b|api.?key|secret", contains_is_regex: true}
    action: {type: deny, reason: Supply the credential yourself}
  - id: deny-bank-details
    description: The commonest fraud is a changed account number
    match: {contains: "iban|account number|bank details|routing number|sort code", contains_is_regex: true}
    action: {type: deny, reason: Check the account with the supplier by another way}
  - id: deny-closed-period
    match: {contains: "closed period|prior period|reopen the (?:month|year|period)", contains_is_regex: true}
    action: {type: deny, reason: A closed period stays closed}
  - id: human-release
    description: Two people release money, no program
    match: {contains: '\b(?:release|pay now|transfer|wire|payment run|direct debit)', contains_is_regex: true}
    action: {type: require_human, message: This moves money}
  - id: human-refund
    match: {contains: '\b(?:refund|credit note|write off|write-off|waive)', contains_is_regex: true}
    action: {type: require_human, message: This gives money away}
  - id: human-master-data
    match: {contains: '\b(?:new supplier|new vendor|new customer|credit limit|tax id|vat id)', contains_is_regex: true}
    action: {type: require_human, message: This changes master data}
  - id: human-mismatch
    description: Three documents have to agree
    match: {contains: "mismatch|differs|duplicate|over.?billed|tolerance|not received", contains_is_regex: true}
    action: {type: require_human, message: The documents do not agree}
  - id: human-dunning
    match: {contains: '\b(?:dunning|reminder|collection agency|legal action)', contains_is_regex: true}
    action: {type: require_human, message: This reaches a customer}
  - id: human-large
    description: Five digits before the point, or a word for it
    match: {contains: '\d\d\d\d\d|\d\d[,. ]\d\d\d|\b(?:million|thousand)', contains_is_regex: true}
    action: {type: require_human, message: A large amount}
  - id: match-yes
    match: {prompt_type: [yes_no], contains: '\b(?:match|file|archive|next invoice)', contains_is_regex: true, min_confidence: high}
    action: {type: auto_reply, value: "y", constraints: {allowed_choices: ["y", "n"]}}
    max_auto_replies: 200
  - id: enter-batch
    match: {prompt_type: [confirm_enter], session_tag: matching, min_confidence: high}
    action: {type: auto_reply, value: "\n", constraints: {allowed_choices: ["\n"]}}
    max_auto_replies: 200
defaults: {no_match: require_human, low_confidence: require_human}
`;

export const payables = makePack(
  {
    name: 'payables',
    title: 'Accounts payable and receivable',
    summary: 'A program matches and sorts; people release, refund and change where money goes.',
  },
  policy,
  [
    ['free_text', 'high', 'matching', 'deny-credentials', 'deny', 'Enter the TAN for order 8812:'],
    ['free_text', 'high', '', 'deny-credentials', 'deny', 'Password of the banking portal:'],
    ['yes_no', 'high', 'matching', 'deny-bank-details', 'deny', 'Supplier sent a new IBAN. Update?'],
    ['yes_no', 'high', '', 'deny-bank-details', 'deny', 'Use the account number from the e-mail?'],
    ['yes_no', 'high', '', 'deny-closed-period', 'deny', 'Reopen the month of March to post this?'],
    ['multiple_choice', 'medium', '', 'deny-closed-period', 'deny', 'Post to: 1) current 2) prior period'],
    ['yes_no', 'high', 'matching', 'human-release', 'require_human', 'Start the payment run of today?'],
    [
      'confirm_enter',
      'high',
      'matching',
      'human-release',
      'require_human',
      'Press Enter to release 14 invoices',
    ],
    ['tool_use', 'high', '', 'human-release', 'require_human', 'Transfer 120.00 to supplier 77'],
    ['yes_no', 'high', '', 'human-refund', 'require_human', 'Issue a credit note of 18.50?'],
    ['yes_no', 'medium', '', 'human-refund', 'require_human', 'Write off the rest of 0.03?'],
    ['yes_no', 'high', '', 'human-master-data', 'require_human', 'Create a new supplier "Nordlicht GmbH"?'],
    ['free_text', 'high', '', 'human-master-data', 'require_human', 'Credit limit of customer 4411:'],
    [
      'yes_no',
      'high',
      'matching',
      'human-mismatch',
      'require_human',
      'Quantity differs from the order. Accept?',
    ],
    [
      'yes_no',
      'high',
      'matching',
      'human-mismatch',
      'require_human',
      'Possible duplicate of invoice 2201. Match anyway?',
    ],
    ['yes_no', 'high', '', 'human-dunning', 'require_human', 'Send the second reminder to customer 12?'],
    [
      'yes_no',
      'high',
      'matching',
      'human-large',
      'require_human',
      'Match invoice of 48,200.00 with order 91?',
    ],
    ['yes_no', 'high', 'matching', 'match-yes', 'auto_reply', 'Match invoice 771 with order 90 (412.10)?'],
    ['yes_no', 'high', '', 'match-yes', 'auto_reply', 'File this statement under 2026/11?'],
    ['yes_no', 'medium', 'matching', null, 'require_human', 'Match invoice 771 with order 90 (412.10)?'],
    ['confirm_enter', 'high', 'matching', 'enter-batch', 'auto_reply', 'Batch 3 of 9 read. Press Enter'],
    ['confirm_enter', 'high', '', null, 'require_human', 'Batch 3 of 9 read. Press Enter'],
    ['yes_no', 'low', 'matching', null, 'require_human', 'Match with order 9?'],
  ],
);
