/** What a change does to the question "who can get a bundle confirmed?". */
export type Effect = 'weaker' | 'stronger' | 'same';

export type DifferenceCode = keyof typeof words;

/** One difference between two trust lists, in people's words. The words may hold names from an imported file. */
export interface Difference {
  readonly code: DifferenceCode;
  readonly effect: Effect;
  /** Whom or what it is about: a person, a rule, a fingerprint, the list. */
  readonly subject: string;
  readonly text: string;
}

type Params = Readonly<Record<string, string | number>>;

/** Every difference that the comparison knows, and what it says. */
const words = {
  'list-new': 'This is your first list: {people}, {rules}.',
  'list-other': 'The list is another one: "{after}" instead of "{before}".',
  'serial-back': 'The serial goes back from {before} to {after}: this is an older list.',
  'serial-same': 'The serial stays {after} although the list differs.',
  'serial-forward': 'The serial goes from {before} to {after}.',
  'person-new': '{person} is new, with {keys}.',
  'person-gone': '{person} is gone: what they sign is no longer known to you.',
  'person-name': '{person} is called "{after}" instead of "{before}".',
  'also-new': '{person} may now also sign as {name}.',
  'also-gone': '{person} may no longer sign as {name}.',
  'key-new': '{person} has a new key {key}.',
  'key-gone': '{person} loses the key {key}.',
  'key-replaced': '{person} loses the key {before} and signs with the new key {key} instead.',
  'key-moved': 'The key {key} belonged to {before} and now speaks for {person}.',
  'key-from-earlier': 'The key {key} of {person} counts from {after} instead of {before}.',
  'key-from-later': 'The key {key} of {person} counts only from {after} instead of {before}.',
  'key-until-later': 'The key {key} of {person} counts until {after} instead of {before}.',
  'key-until-earlier': 'The key {key} of {person} counts only until {after} instead of {before}.',
  'key-wider': 'The key {key} of {person} may sign in more places: {after} instead of {before}.',
  'key-narrower': 'The key {key} of {person} may sign in fewer places: {after} instead of {before}.',
  'key-checked': 'How the key {key} of {person} was checked: "{after}" instead of "{before}".',
  'withdrawn-new': 'The key {key} is withdrawn from {at} on.',
  'withdrawn-gone': 'The key {key} is no longer withdrawn.',
  'withdrawn-later': 'The key {key} is withdrawn only from {after} on instead of {before}.',
  'withdrawn-earlier': 'The key {key} is withdrawn from {after} on instead of {before}.',
  'rule-new': 'The rule {rule} is new: {roles}.',
  'rule-gone': 'The rule {rule} is gone.',
  'default-changed': 'The rule that judges is {after} instead of {before}.',
  'level-lower': 'Rule {rule}: the level is {after} instead of {before}.',
  'level-higher': 'Rule {rule}: the level is {after} instead of {before}.',
  'people-same': 'Rule {rule}: one person may fill several roles.',
  'people-different': 'Rule {rule}: every role needs another person.',
  'legacy-on': 'Rule {rule}: older kinds of bundle can be confirmed.',
  'legacy-off': 'Rule {rule}: older kinds of bundle can no longer be confirmed.',
  'attestation-gone': 'Rule {rule}: the attestation {name} is no longer needed.',
  'attestation-new': 'Rule {rule}: the attestation {name} must be there.',
  'role-gone': 'Rule {rule}: the role {role} is no longer needed.',
  'role-new': 'Rule {rule}: the role {role} is needed, from {need}.',
  'threshold-lower': 'Rule {rule}: {role} needs {after} instead of {before}.',
  'threshold-higher': 'Rule {rule}: {role} needs {after} instead of {before}.',
  'role-person-new': 'Rule {rule}: {person} may give {role}.',
  'role-person-gone': 'Rule {rule}: {person} may no longer give {role}.',
  'age-longer': 'Rule {rule}: {role} counts for {after} instead of {before}.',
  'age-shorter': 'Rule {rule}: {role} counts for only {after} instead of {before}.',
} as const;

export function difference(
  code: DifferenceCode,
  effect: Effect,
  subject: string,
  params: Params,
): Difference {
  const text = words[code].replace(/\{([a-z]+)\}/g, (whole, name: string) => String(params[name] ?? whole));
  return { code, effect, subject, text };
}

/** "1 key", "2 keys". */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}
