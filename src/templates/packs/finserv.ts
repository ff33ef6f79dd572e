import { makePack } from '../pack.js';

const policy = String.raw`# Financial services: a program collects and files; people lend, trade, advise, report and let in.
policy_version: "1"
name: finserv
autonomy_mode: "assist"
rules:
  - id: deny-credentials
    match: {contains: "password|passphrase|\\bpin\\b|\\btan\\b|one-time|signing key|secret", contains_is_regex: true}
    action: {type: deny, reason: Supply the credential yourself}
  - id: deny-controls-off
    description: No check is switched off by a program
    match: {contains: "(?:skip|bypass|override|disable|suppress) .{0,40}(?:check|screening|control|alert|limit)", contains_is_regex: true}
    action: {type: deny, reason: Controls stay on}
  - id: deny-tipping-off
    description: Whoever is reported is not told
    match: {contains: "suspicious activity|\\bsar\\b|money launder", contains_is_regex: true}
    action: {type: deny, reason: Only the reporting officer acts here}
  - id: human-sanctions
    match: {contains: "sanction|politically exposed|\\bpep\\b|watch.?list|adverse media", contains_is_regex: true}
    action: {type: require_human, message: A screening hit}
  - id: human-credit
    match: {contains: '\b(?:credit decision|approve the loan|reject the loan|credit limit|risk class|score)', contains_is_regex: true}
    action: {type: require_human, message: A decision about a person}
  - id: human-trade
    match: {contains: '\b(?:buy|sell|trade|order to market|rebalance|hedge)', contains_is_regex: true}
    action: {type: require_human, message: This moves a position}
  - id: human-money
    match: {contains: '\b(?:transfer|payout|disburse|wire|withdraw)', contains_is_regex: true}
    action: {type: require_human, message: This moves money}
  - id: human-advice
    match: {contains: '\b(?:recommend|suitab|advice|product offer)', contains_is_regex: true}
    action: {type: require_human, message: Advice comes from people}
  - id: human-reporting
    match: {contains: '\b(?:regulator|supervisory|filing|submit the report|ledger)', contains_is_regex: true}
    action: {type: require_human, message: This goes on record}
  - id: human-identity
    match: {contains: "identity|passport|proof of address|beneficial owner", contains_is_regex: true}
    action: {type: require_human, message: Who somebody is}
  - id: file-yes
    match: {prompt_type: [yes_no], contains: '\b(?:file|index|archive|next document)', contains_is_regex: true, min_confidence: high}
    action: {type: auto_reply, value: "y", constraints: {allowed_choices: ["y", "n"]}}
    max_auto_replies: 100
  - id: intake-enter
    match: {prompt_type: [confirm_enter], session_tag: intake, min_confidence: high}
    action: {type: auto_reply, value: "\n", constraints: {allowed_choices: ["\n"]}}
    max_auto_replies: 100
defaults: {no_match: require_human, low_confidence: deny}
`;

export const finserv = makePack(
  {
    name: 'finserv',
    title: 'Financial services',
    summary: 'A program collects and files; people lend, trade, advise, report and let in.',
  },
  policy,
  [
    ['free_text', 'high', '', 'deny-credentials', 'deny', 'PIN of the signing card:'],
    ['yes_no', 'high', 'intake', 'deny-credentials', 'deny', 'Use the shared password of the desk?'],
    ['yes_no', 'high', '', 'deny-controls-off', 'deny', 'Skip the sanctions check for this client?'],
    ['yes_no', 'high', '', 'deny-controls-off', 'deny', 'Override credit limit of desk 4?'],
    ['yes_no', 'high', '', 'deny-controls-off', 'deny', 'Suppress this alert for 30 days?'],
    [
      'yes_no',
      'high',
      '',
      'deny-tipping-off',
      'deny',
      'Tell the client about the suspicious activity report?',
    ],
    ['yes_no', 'high', 'intake', 'human-sanctions', 'require_human', 'Watch-list hit at 71 %. Clear?'],
    ['multiple_choice', 'high', '', 'human-sanctions', 'require_human', 'PEP status: 1) yes 2) no'],
    ['yes_no', 'high', '', 'human-credit', 'require_human', 'Approve the loan 8812?'],
    ['yes_no', 'high', '', 'human-credit', 'require_human', 'Raise the credit limit to 5,000?'],
    ['yes_no', 'high', '', 'human-trade', 'require_human', 'Sell 200 units at market?'],
    [
      'confirm_enter',
      'high',
      'intake',
      'human-trade',
      'require_human',
      'Rebalance the portfolio, press Enter',
    ],
    ['tool_use', 'high', '', 'human-money', 'require_human', 'Payout of claim 311'],
    ['yes_no', 'medium', '', 'human-money', 'require_human', 'Transfer to the settlement account?'],
    ['yes_no', 'high', '', 'human-advice', 'require_human', 'Recommend the bond fund?'],
    ['yes_no', 'high', '', 'human-reporting', 'require_human', 'Submit the report to the regulator?'],
    ['yes_no', 'high', 'intake', 'human-identity', 'require_human', 'Passport photo is blurred. Accept?'],
    ['yes_no', 'high', 'intake', 'file-yes', 'auto_reply', 'File this statement under client 77?'],
    ['yes_no', 'high', 'intake', 'file-yes', 'auto_reply', 'Open the next document?'],
    ['yes_no', 'medium', 'intake', null, 'require_human', 'File this statement under client 77?'],
    ['confirm_enter', 'high', 'intake', 'intake-enter', 'auto_reply', '12 pages scanned. Press Enter'],
    ['confirm_enter', 'medium', 'intake', null, 'require_human', '12 pages scanned. Press Enter'],
    ['yes_no', 'low', 'intake', null, 'deny', 'File this?'],
  ],
);
