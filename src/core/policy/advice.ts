import { step, textOf, type Plain, type PlainMap } from '../documents/readDocument.js';
import { isMap, type Policy } from './readPolicy.js';

/** What a policy permits, or leaves open, that a reader would want to know. It never refuses anything. */
export interface Advice {
  readonly group: 'security' | 'warning' | 'idea';
  /** JSON pointer (RFC 6901) of the setting; of what is around it where it is not there. */
  readonly pointer: string;
  /** May repeat hostile text. */
  readonly what: string;
  readonly why: string;
  readonly action: string;
  /** A value that permits less, where one is known. */
  readonly safer?: Plain;
}

/** What stands out in a policy, in its own terms. Attacker-controlled values; never throws. */
export function advise(policy: Policy): readonly Advice[] {
  if (policy.kind === 'specular-policy' || policy.kind === 'specular-governance')
    return settingsOf(policy).flatMap(({ advice }) => (advice === null ? [] : [advice]));
  return adviseRules(policy.value);
}

/** One setting of a policy of Specular, with what it does as it stands. */
export interface Setting {
  readonly pointer: string;
  /** JSON of the value; null where the policy does not say it. */
  readonly value: string | null;
  /** Null: nothing stands out. */
  readonly advice: Advice | null;
}

interface Watched {
  readonly path: readonly string[];
  readonly risky: (value: Plain | undefined) => string | null;
  readonly why: string;
  readonly action: string;
  readonly safer?: Plain;
}

/** The settings that are watched, each as it stands. */
export function settingsOf(policy: Policy): readonly Setting[] {
  const watched = policy.kind === 'specular-policy' ? EXECUTION : GOVERNANCE;
  return watched.map(({ path, risky, why, action, safer }) => {
    const found = at(policy.value, path);
    const pointer = path.map(step).join('');
    const what = risky(found);
    const advice =
      what === null
        ? null
        : {
            group: 'security' as const,
            pointer,
            what,
            why,
            action,
            ...(safer === undefined ? {} : { safer }),
          };
    return { pointer, value: found === undefined ? null : JSON.stringify(found), advice };
  });
}

function at(value: Plain, path: readonly string[]): Plain | undefined {
  let here: Plain | undefined = value;
  for (const name of path) here = isMap(here) ? here[name] : undefined;
  return here;
}

const must =
  (name: string) =>
  (value: Plain | undefined): string | null =>
    value === true ? null : `${name} is ${value === undefined ? 'not asked for' : 'off'}`;

const EXECUTION: readonly Watched[] = [
  {
    path: ['execution', 'allow_local'],
    risky: (value) => (value === true ? 'Code may run on the machine itself (allow_local: true)' : null),
    why: 'It then reaches every file and every account that its user reaches.',
    action: 'Write allow_local: false, and let steps run in containers.',
    safer: false,
  },
  {
    path: ['execution', 'docker', 'required'],
    risky: must('Running in containers'),
    why: 'Without containers nothing limits what a step reads, writes or calls.',
    action: 'Write required: true.',
    safer: true,
  },
  {
    path: ['execution', 'docker', 'image_allowlist'],
    risky: imageRisk,
    why: 'Whoever can publish such an image decides which code runs.',
    action: 'Name each image with its version, or better with its digest.',
  },
  {
    path: ['execution', 'docker', 'network'],
    risky: (value) =>
      value === 'none'
        ? null
        : `Steps have a network (${value === undefined ? 'network is not said' : `network: ${textOf(value)}`})`,
    why: 'A step can then send data away and fetch code that nobody approved.',
    action: 'Write network: none.',
    safer: 'none',
  },
  {
    path: ['tests', 'require_pass'],
    risky: must('That tests pass'),
    why: 'A build whose tests fail is then accepted.',
    action: 'Write require_pass: true.',
    safer: true,
  },
  {
    path: ['tests', 'min_coverage'],
    risky: (value) =>
      typeof value === 'number' && value >= 0.6
        ? null
        : `Little or no test coverage is asked for (${value === undefined ? 'nothing is said' : JSON.stringify(value)})`,
    why: 'Code that no test runs can do anything unnoticed.',
    action: 'Ask for 0.8, or for what the project has today.',
    safer: 0.8,
  },
  {
    path: ['security', 'secrets_scan'],
    risky: must('The scan for secrets'),
    why: 'A key that slips into a file is then published with it.',
    action: 'Write secrets_scan: true.',
    safer: true,
  },
  {
    path: ['security', 'dep_scan'],
    risky: must('The scan of dependencies'),
    why: 'Known weaknesses of libraries then go unnoticed.',
    action: 'Write dep_scan: true.',
    safer: true,
  },
  {
    path: ['routing', 'allow_models'],
    risky: (value) => (value === undefined ? 'Every model may be used (allow_models is not said)' : null),
    why: 'Data may then go to any provider.',
    action: 'List the providers and models that are meant.',
  },
];

function imageRisk(value: Plain | undefined): string | null {
  if (value === undefined) return 'Every image may be used (image_allowlist is not said)';
  const images = Array.isArray(value) ? (value as readonly Plain[]).map(textOf) : [];
  const open = images.filter(
    (image) => image.includes('*') || image.endsWith(':latest') || !/[:@]/.test(image),
  );
  if (open.length === 0) return null;
  return `${open.slice(0, 5).join(', ')}: an image by wildcard, by :latest, or without a version`;
}

const GOVERNANCE: readonly Watched[] = [
  {
    path: ['enforcement'],
    risky: (value) =>
      value === 'strict' ? null : `A violation stops nothing (enforcement: ${textOf(value) || 'not said'})`,
    why: 'It is told or recorded, and the work goes on.',
    action: 'Write enforcement: strict.',
    safer: 'strict',
  },
  {
    path: ['workflows', 'require_approval_for'],
    risky: (value) => (Array.isArray(value) && value.length > 0 ? null : 'No step needs an approval'),
    why: 'Nobody has to look before a step goes on.',
    action: 'List the steps that a person approves, for example [plan, build].',
  },
  {
    path: ['security', 'require_encryption'],
    risky: must('Encryption'),
    why: 'Data may then lie and travel in the clear.',
    action: 'Write require_encryption: true.',
    safer: true,
  },
  {
    path: ['security', 'audit_all_actions'],
    risky: must('Recording every action'),
    why: 'What happened cannot be shown later.',
    action: 'Write audit_all_actions: true.',
    safer: true,
  },
  {
    path: ['security', 'secrets_in_vault'],
    risky: must('Keeping secrets in a vault'),
    why: 'Secrets may then lie in files.',
    action: 'Write secrets_in_vault: true.',
    safer: true,
  },
];

// --- Rules of AtlasBridge ---------------------------------------------------------------------------------------

const ADVICE_MAX = 100;

function adviseRules(value: Plain): readonly Advice[] {
  const root = isMap(value) ? value : {};
  const rules = Array.isArray(root['rules']) ? (root['rules'] as readonly Plain[]) : [];
  const found: Advice[] = [];
  if (root['autonomy_mode'] === 'full')
    found.push({
      group: 'security',
      pointer: '/autonomy_mode',
      what: 'The policy acts by itself (autonomy_mode: full)',
      why: 'Replies are sent without anybody looking.',
      action: 'Write assist while the rules are new: it suggests, and a person sends.',
      safer: 'assist',
    });
  let catchAll: string | null = null;
  rules.forEach((rule, index) => {
    if (!isMap(rule)) return;
    const pointer = `/rules${step(index)}`;
    if (catchAll !== null) found.push(unreached(pointer, textOf(rule['id']), catchAll));
    found.push(...adviseRule(rule, pointer));
    if (fitsEverything(rule['match'])) catchAll ??= textOf(rule['id']);
  });
  if (!Object.hasOwn(root, 'defaults'))
    found.push({
      group: 'idea',
      pointer: '',
      what: 'The policy does not say what happens when no rule fits',
      why: 'A person is asked then; a reader of the policy has to know that.',
      action: 'Add defaults: {no_match: require_human, low_confidence: require_human}.',
    });
  return found.slice(0, ADVICE_MAX);
}

function unreached(pointer: string, id: string, by: string): Advice {
  return {
    group: 'warning',
    pointer: `${pointer}/id`,
    what: `The rule ${id} is never reached: ${by} before it fits every prompt`,
    why: 'The first rule that fits decides.',
    action: 'Move it up, or narrow the rule before it.',
  };
}

function fitsEverything(match: Plain | undefined): boolean {
  if (!isMap(match)) return true;
  return Object.keys(match).every((name) => {
    const wanted = match[name];
    if (name === 'prompt_type') return Array.isArray(wanted) && (wanted as readonly Plain[]).includes('*');
    if (name === 'min_confidence') return wanted === 'low';
    if (name === 'max_confidence') return wanted === 'high';
    if (name === 'contains_is_regex') return !Object.hasOwn(match, 'contains');
    return name === 'tool_id' && wanted === '*';
  });
}

function adviseRule(rule: PlainMap, pointer: string): readonly Advice[] {
  const action = isMap(rule['action']) ? rule['action'] : {};
  if (action['type'] !== 'auto_reply') return [];
  const match = isMap(rule['match']) ? rule['match'] : {};
  const types = Array.isArray(match['prompt_type']) ? (match['prompt_type'] as readonly Plain[]) : [];
  const id = textOf(rule['id']);
  const found: Advice[] = [];
  const say = (what: string, why: string, todo: string, where: string): void =>
    void found.push({
      group: 'security',
      pointer: pointer + where,
      what: `${id}: ${what}`,
      why,
      action: todo,
    });
  if (fitsEverything(rule['match']))
    say(
      'every prompt is answered',
      'Nothing of the prompt is looked at.',
      'Say which kinds of prompt it answers.',
      '/id',
    );
  if (types.includes('free_text'))
    say(
      'free text is answered by a program',
      'Such a prompt may ask for anything, secrets too.',
      'Leave free_text to a person.',
      '/match/prompt_type',
    );
  const least = match['min_confidence'];
  if ((least === undefined || least === 'low') && !Object.hasOwn(match, 'any_of'))
    say(
      'it answers when it is hardly known what the prompt is',
      'A prompt that was misunderstood is answered as if it were not.',
      'Add min_confidence: high, or medium.',
      least === undefined ? '/match' : '/match/min_confidence',
    );
  if (!Object.hasOwn(rule, 'max_auto_replies'))
    found.push({
      group: 'idea',
      pointer: `${pointer}/id`,
      what: `${id}: the number of replies in one session is not limited`,
      why: 'A program that loops is answered as often as it asks.',
      action: 'Add max_auto_replies, for example 20.',
    });
  return found;
}
