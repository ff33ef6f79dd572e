import { makePack } from '../pack.js';

const policy = String.raw`# Retail: a program answers where an order is; people give money back, change prices and speak of health and age.
policy_version: "1"
name: retail
autonomy_mode: "assist"
rules:
  - id: deny-card-data
    description: Card numbers are typed nowhere
    match: {contains: "card number|\\bcvv\\b|\\bcvc\\b|\\bpin\\b|password|one-time", contains_is_regex: true}
    action: {type: deny, reason: Never ask for this}
  - id: deny-age-check
    description: Who may buy is checked by a person
    match: {contains: "age check|over 18|over 21|alcohol|tobacco|knife", contains_is_regex: true}
    action: {type: deny, reason: A person checks the age}
  - id: human-safety
    match: {contains: "recall|allerg|injur|burn|swallow|choking", contains_is_regex: true}
    action: {type: require_human, message: Somebody may be hurt}
  - id: human-refund
    match: {contains: '\b(?:refund|chargeback|compensation|goodwill|voucher)', contains_is_regex: true}
    action: {type: require_human, message: This gives money away}
  - id: human-price
    match: {contains: '\b(?:price|discount|promo|markdown|coupon)', contains_is_regex: true}
    action: {type: require_human, message: This changes a price}
  - id: human-address
    description: A parcel that is led elsewhere is a stolen parcel
    match: {contains: "change (?:the|my|his|her) address|new address|redirect|pick.?up by", contains_is_regex: true}
    action: {type: require_human, message: This changes where goods go}
  - id: human-complaint
    match: {contains: '\b(?:complain|lawyer|journalist|ombudsman|angry|fraud)', contains_is_regex: true}
    action: {type: require_human, message: A person should speak to them}
  - id: human-data-request
    match: {contains: "delete my data|my data|unsubscribe|data protection", contains_is_regex: true}
    action: {type: require_human, message: A request about personal data}
  - id: status-yes
    match: {prompt_type: [yes_no], contains: '\b(?:tracking|order status|opening hours|in stock|receipt copy)', contains_is_regex: true, min_confidence: high}
    action: {type: auto_reply, value: "y", constraints: {allowed_choices: ["y", "n"]}}
    max_auto_replies: 300
  - id: shelf-enter
    match: {prompt_type: [confirm_enter], session_tag: stocktaking, min_confidence: medium}
    action: {type: auto_reply, value: "\n", constraints: {allowed_choices: ["\n"]}}
    max_auto_replies: 500
  - id: human-words
    description: What customers read comes from people
    match: {prompt_type: [free_text]}
    action: {type: require_human}
defaults: {no_match: require_human, low_confidence: require_human}
`;

export const retail = makePack(
  {
    name: 'retail',
    title: 'Retail',
    summary:
      'A program answers where an order is; people give money back, change prices and speak of health and age.',
  },
  policy,
  [
    ['free_text', 'high', '', 'deny-card-data', 'deny', 'Read the card number back to the customer:'],
    ['yes_no', 'high', '', 'deny-card-data', 'deny', 'Ask for the CVV again?'],
    ['yes_no', 'high', '', 'deny-age-check', 'deny', 'Customer says he is over 18. Go on?'],
    ['yes_no', 'high', 'stocktaking', 'deny-age-check', 'deny', 'Release the alcohol order?'],
    [
      'yes_no',
      'high',
      '',
      'human-safety',
      'require_human',
      'Customer reports an allergic reaction. Close the case?',
    ],
    ['multiple_choice', 'high', '', 'human-safety', 'require_human', 'Recall notice: 1) send 2) skip'],
    ['yes_no', 'high', '', 'human-refund', 'require_human', 'Refund order 5512 (39.90)?'],
    ['yes_no', 'medium', '', 'human-refund', 'require_human', 'Offer a voucher of 10?'],
    ['yes_no', 'high', '', 'human-price', 'require_human', 'Apply the discount of 15 %?'],
    ['confirm_enter', 'high', 'stocktaking', 'human-price', 'require_human', 'Markdown ready, press Enter'],
    ['yes_no', 'high', '', 'human-address', 'require_human', 'Change the address of parcel 77?'],
    ['yes_no', 'high', '', 'human-address', 'require_human', 'Redirect to the neighbour?'],
    [
      'yes_no',
      'high',
      '',
      'human-complaint',
      'require_human',
      'Customer wants to complain. Answer with the standard text?',
    ],
    ['yes_no', 'high', '', 'human-data-request', 'require_human', 'Customer asks: delete my data. Confirm?'],
    ['yes_no', 'high', '', 'status-yes', 'auto_reply', 'Show the tracking of parcel 77?'],
    ['yes_no', 'high', '', 'status-yes', 'auto_reply', 'Is it in stock in Linz: look it up?'],
    ['yes_no', 'medium', '', null, 'require_human', 'Show the tracking of parcel 77?'],
    ['confirm_enter', 'medium', 'stocktaking', 'shelf-enter', 'auto_reply', 'Shelf 14 counted. Press Enter'],
    ['confirm_enter', 'high', '', null, 'require_human', 'Shelf 14 counted. Press Enter'],
    ['free_text', 'high', '', 'human-words', 'require_human', 'Your answer to the customer:'],
    ['multiple_choice', 'high', '', null, 'require_human', 'Category: 1) toys 2) garden'],
    ['yes_no', 'low', '', null, 'require_human', 'Go on?'],
  ],
);
