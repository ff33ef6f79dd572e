import { makePack } from '../pack.js';

const policy = String.raw`# Travel: a program searches and holds; people book, cancel, pay and decide about anybody's papers and safety.
policy_version: "1"
name: travel
autonomy_mode: "assist"
rules:
  - id: deny-card-data
    match: {contains: "card number|\\bcvv\\b|password|one-time|\\bpin\\b", contains_is_regex: true}
    action: {type: deny, reason: Never ask for this}
  - id: deny-papers
    description: Numbers of papers are not repeated
    match: {contains: "passport number|visa number|known traveller|national id", contains_is_regex: true}
    action: {type: deny, reason: Travellers type this themselves}
  - id: human-safety
    description: People who need help reach people
    match: {contains: "emergency|stranded|medical|unaccompanied|missing person|evacuat|travel warning", contains_is_regex: true}
    action: {type: require_human, message: Somebody may need help}
  - id: human-assistance
    match: {contains: "wheelchair|special assistance|allerg|service animal|oxygen", contains_is_regex: true}
    action: {type: require_human, message: Somebody depends on this}
  - id: human-booking
    match: {contains: '\b(?:book|issue the ticket|ticketing|confirm the reservation|purchase)', contains_is_regex: true}
    action: {type: require_human, message: This binds and costs}
  - id: human-change
    match: {contains: '\b(?:cancel|rebook|change the flight|upgrade|no-show)', contains_is_regex: true}
    action: {type: require_human, message: This changes a journey}
  - id: human-refund
    match: {contains: '\b(?:refund|compensation|voucher|waive)', contains_is_regex: true}
    action: {type: require_human, message: This gives money away}
  - id: human-name
    description: A name that differs from the papers keeps its bearer on the ground
    match: {contains: "name change|change the name|correct the name|date of birth", contains_is_regex: true}
    action: {type: require_human, message: Names have to fit the papers}
  - id: human-words
    match: {prompt_type: [free_text]}
    action: {type: require_human}
  - id: search-yes
    match: {prompt_type: [yes_no], contains: '\b(?:search|show|compare|more results|next page)', contains_is_regex: true, min_confidence: medium}
    action: {type: auto_reply, value: "y", constraints: {allowed_choices: ["y", "n"]}}
    max_auto_replies: 100
  - id: hold-yes
    description: A hold that costs nothing and ends by itself
    match: {prompt_type: [yes_no], contains: "free hold", min_confidence: high, session_tag: desk}
    action: {type: auto_reply, value: "y", constraints: {allowed_choices: ["y", "n"]}}
    max_auto_replies: 10
  - id: notify-unsure
    match: {max_confidence: low}
    action: {type: notify_only, message: A traveller waits}
defaults: {no_match: require_human, low_confidence: require_human}
`;

export const travel = makePack(
  {
    name: 'travel',
    title: 'Travel',
    summary:
      "A program searches and holds; people book, cancel, pay and decide about anybody's papers and safety.",
  },
  policy,
  [
    ['free_text', 'high', 'desk', 'deny-card-data', 'deny', 'Card number for the deposit:'],
    ['free_text', 'high', '', 'deny-papers', 'deny', 'Passport number of traveller 2:'],
    ['yes_no', 'high', 'desk', 'deny-papers', 'deny', 'Copy the visa number into the note?'],
    [
      'yes_no',
      'high',
      'desk',
      'human-safety',
      'require_human',
      'Traveller is stranded in Oslo. Send the standard answer?',
    ],
    ['multiple_choice', 'high', '', 'human-safety', 'require_human', 'Medical case: 1) call 2) mail'],
    ['yes_no', 'high', '', 'human-assistance', 'require_human', 'Keep the wheelchair request?'],
    ['yes_no', 'high', 'desk', 'human-assistance', 'require_human', 'Show meals without allergy note?'],
    ['yes_no', 'high', 'desk', 'human-booking', 'require_human', 'Book LH 1234 for 2 people?'],
    ['confirm_enter', 'high', 'desk', 'human-booking', 'require_human', 'Press Enter to issue the ticket'],
    ['tool_use', 'high', '', 'human-booking', 'require_human', 'Purchase seat 12A'],
    ['yes_no', 'high', '', 'human-change', 'require_human', 'Cancel the hotel in Graz?'],
    ['yes_no', 'medium', 'desk', 'human-change', 'require_human', 'Rebook to the morning flight?'],
    ['yes_no', 'high', '', 'human-refund', 'require_human', 'Offer a voucher instead of money?'],
    ['yes_no', 'high', 'desk', 'human-name', 'require_human', 'Correct the name to "Müller"?'],
    ['free_text', 'high', '', 'human-words', 'require_human', 'Message to the group:'],
    ['yes_no', 'high', '', 'search-yes', 'auto_reply', 'Show trains as well?'],
    ['yes_no', 'medium', 'desk', 'search-yes', 'auto_reply', 'Search one day earlier?'],
    ['yes_no', 'low', '', 'notify-unsure', 'notify_only', 'Search one day earlier?'],
    ['yes_no', 'high', 'desk', 'hold-yes', 'auto_reply', 'Place a free hold until 18:00?'],
    ['yes_no', 'high', '', null, 'require_human', 'Place a free hold until 18:00?'],
    ['yes_no', 'medium', 'desk', null, 'require_human', 'Place a free hold until 18:00?'],
    ['confirm_enter', 'high', '', null, 'require_human', 'Page 2 of 3. Press Enter'],
    ['multiple_choice', 'low', 'desk', 'notify-unsure', 'notify_only', 'Seat: 1) aisle 2) window'],
  ],
);
