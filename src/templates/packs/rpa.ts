import { makePack } from '../pack.js';

const policy = String.raw`# Robots at the desktop: they click through what they know; anything unexpected stops and asks.
policy_version: "1"
name: rpa
autonomy_mode: "assist"
rules:
  - id: deny-credentials
    match: {contains: "password|passphrase|one-time|verification code|security question|secret", contains_is_regex: true}
    action: {type: deny, reason: Credentials come from the vault}
  - id: deny-human-check
    description: A robot never says that it is none
    match: {contains: "captcha|not a robot|are you human", contains_is_regex: true}
    action: {type: deny, reason: A person answers this}
  - id: deny-consent
    description: Terms are accepted by people
    match: {contains: "terms of (?:use|service)|licence agreement|license agreement|privacy policy|i agree|consent", contains_is_regex: true}
    action: {type: deny, reason: A robot agrees to nothing}
  - id: deny-installation
    match: {contains: '\b(?:install|uninstall|run as administrator|allow this app|macro)', contains_is_regex: true}
    action: {type: deny, reason: A robot changes no machine}
  - id: human-unexpected
    description: What it does not know stops it
    match: {contains: "unexpected|unknown window|not found|element missing|layout changed|exception|error", contains_is_regex: true}
    action: {type: require_human, message: The screen is not the one that was taught}
  - id: human-submit
    match: {contains: '\b(?:submit|book|order|approve|confirm the)', contains_is_regex: true}
    action: {type: require_human, message: This is final}
  - id: human-deletion
    match: {contains: '\b(?:delete|remove|cancel the|reset)', contains_is_regex: true}
    action: {type: require_human, message: This takes something away}
  - id: human-messages
    match: {contains: '\b(?:send|reply|e-mail|forward|post)\b', contains_is_regex: true}
    action: {type: require_human, message: This reaches people}
  - id: human-free-text
    match: {prompt_type: [free_text]}
    action: {type: require_human}
  - id: known-yes
    match: {prompt_type: [yes_no], session_tag: taught, min_confidence: high}
    action: {type: auto_reply, value: "y", constraints: {allowed_choices: ["y", "n"]}}
    max_auto_replies: 500
  - id: known-enter
    match: {prompt_type: [confirm_enter], session_tag: taught, min_confidence: medium}
    action: {type: auto_reply, value: "\n", constraints: {allowed_choices: ["\n"]}}
    max_auto_replies: 500
defaults: {no_match: require_human, low_confidence: deny}
`;

export const rpa = makePack(
  {
    name: 'rpa',
    title: 'Robots at the desktop',
    summary: 'They click through what they know; anything unexpected stops and asks.',
  },
  policy,
  [
    ['free_text', 'high', 'taught', 'deny-credentials', 'deny', 'Password for the ERP client:'],
    [
      'free_text',
      'high',
      'taught',
      'deny-credentials',
      'deny',
      'Enter the verification code from your phone',
    ],
    ['yes_no', 'high', 'taught', 'deny-human-check', 'deny', 'Tick "I am not a robot"?'],
    ['multiple_choice', 'medium', '', 'deny-human-check', 'deny', 'Captcha: which pictures show a bridge?'],
    ['yes_no', 'high', 'taught', 'deny-consent', 'deny', 'Accept the terms of service?'],
    ['confirm_enter', 'high', 'taught', 'deny-consent', 'deny', 'By pressing Enter I agree to the changes'],
    ['yes_no', 'high', 'taught', 'deny-installation', 'deny', 'Install the update now?'],
    ['yes_no', 'high', '', 'deny-installation', 'deny', 'Enable macros in this file?'],
    ['yes_no', 'high', 'taught', 'human-unexpected', 'require_human', 'Window layout changed. Go on?'],
    ['yes_no', 'high', 'taught', 'human-unexpected', 'require_human', 'Customer not found. Next?'],
    ['confirm_enter', 'medium', 'taught', 'human-unexpected', 'require_human', 'Error 0x80, press Enter'],
    ['yes_no', 'high', 'taught', 'human-submit', 'require_human', 'Submit the form for case 118?'],
    ['confirm_enter', 'high', 'taught', 'human-submit', 'require_human', 'Enter to order 12 pieces'],
    ['yes_no', 'high', 'taught', 'human-deletion', 'require_human', 'Remove the line 4?'],
    ['yes_no', 'high', '', 'human-messages', 'require_human', 'Reply to the sender?'],
    ['free_text', 'high', 'taught', 'human-free-text', 'require_human', 'Reason:'],
    ['yes_no', 'high', 'taught', 'known-yes', 'auto_reply', 'Copy the next row?'],
    ['yes_no', 'high', '', null, 'require_human', 'Copy the next row?'],
    ['yes_no', 'medium', 'taught', null, 'require_human', 'Copy the next row?'],
    ['confirm_enter', 'medium', 'taught', 'known-enter', 'auto_reply', 'Row 12 copied. Press Enter'],
    ['confirm_enter', 'high', 'taught', 'known-enter', 'auto_reply', 'Press Enter to scroll'],
    ['confirm_enter', 'low', 'taught', null, 'deny', 'Press Enter to scroll'],
    ['multiple_choice', 'high', 'taught', null, 'require_human', 'Sheet: 1) January 2) February'],
  ],
);
