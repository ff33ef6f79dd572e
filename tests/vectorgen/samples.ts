import { CHECKED, mallory, personRow, type Member } from './cast.js';
import {
  approval,
  bundle,
  itemsOf,
  loose,
  pack,
  packItems,
  replaced,
  withChecksums,
  type Made,
} from './bundle.js';
import { ecdsaKey, ed25519Key, passkey } from './keys.js';
import { sha256Hex, utf8, type Octets } from './raw.js';
import { trustBytes, type TrustRow } from './trustText.js';

/** The three bundles that ship with the pages: a small release of a made-up appointment service. */

const priya: Member = { id: 'priya@northwind.example', name: 'Priya Nair', key: ed25519Key('priya') };
const jonas: Member = {
  id: 'jonas@northwind.example',
  name: 'Jonas Weber',
  key: ecdsaKey('jonas', 'nistp256'),
};
const sofia: Member = {
  id: 'sofia@northwind.example',
  name: 'Sofia Marin',
  key: passkey('sofia', { rpId: 'sign.northwind.example' }),
};
const stranger: Member = { ...mallory, id: 'priya@northwind.example' };

const SPEC = `product: appointments
goals:
  - Patients book, move and cancel visits without a phone call.
features:
  - id: feat-001
    title: Book a visit
    priority: P0
    desc: A patient picks a free slot; the slot is held for ten minutes while they confirm.
    success:
      - Two patients can never hold the same slot.
  - id: feat-002
    title: Remind
    priority: P1
    desc: A message goes out 24 hours before a visit, at most once per visit.
non_functional:
  availability: 99.9
  data_residency: eu
`;

const ROUTING = `default: local-7b
routes:
  - when: contains_patient_data
    use: local-7b
    because: Patient data stays in the house.
  - when: code_review
    use: hosted-large
    budget_eur: 40
`;

const POLICY_DATA = `id: data-protection
rules:
  - id: no-patient-data-outside
    effect: deny
    when: {provider: hosted, data: patient}
  - id: keep-audit-log
    effect: require
    days: 3650
`;

const POLICY_RELEASE = `id: release
rules:
  - id: tests-pass
    effect: require
  - id: no-friday-release
    effect: warn
    when: {weekday: friday, after: "12:00"}
`;

const NOTES = `# Appointments 2.4

What changed since 2.3: a slot is held while the patient confirms, so two people no longer meet at one door.

What did not change: where patient data may go (see policies/data-protection.yaml).
`;

const RISK = `# Risks looked at for 2.4

| risk | how likely | what we did |
|---|---|---|
| a slot stays held after a crash | low | holds end by themselves after ten minutes |
| a reminder goes to an old number | medium | numbers older than a year are asked again |
`;

const FILES: Readonly<Record<string, string>> = {
  'spec.yaml': SPEC,
  'spec.lock.json': `${JSON.stringify({ version: '2.4.0', features: { 'feat-001': sha256Hex(utf8(SPEC)).slice(0, 32) } }, null, 2)}\n`,
  'routing.yaml': ROUTING,
  'policies/data-protection.yaml': POLICY_DATA,
  'policies/release.yaml': POLICY_RELEASE,
  'docs/release-notes.md': NOTES,
  'docs/risks.md': RISK,
};

function release(): Made {
  return bundle({
    files: FILES,
    roles: ['pm', 'lead', 'security'],
    manifest: {
      id: 'northwind/appointments',
      version: '2.4.0',
      created: '2026-11-02T08:30:00Z',
      governanceLevel: 'L3',
      description: 'Appointment service, release 2.4: slots are held while the patient confirms.',
      authors: ['Priya Nair', 'Jonas Weber'],
      tags: ['release', 'healthcare'],
      metadata: { change: 'CHG-2041' },
    },
  });
}

/** Windows wide enough that the samples keep their verdicts for a long time. */
function trust(): TrustRow {
  const row = (person: Member): TrustRow['people'][number] => {
    const key = person === sofia ? { passkey: person.key.line } : { ssh: person.key.line };
    return personRow(person, { keys: [{ ...key, from: '2026-01-01T00:00:00Z', checked: CHECKED }] });
  };
  return {
    people: [priya, jonas, sofia].map(row),
    rules: [
      {
        name: 'sample-release',
        level: 'L3',
        roles: { pm: { people: [priya.id] }, lead: { people: [jonas.id] }, security: { people: [sofia.id] } },
      },
    ],
    defaultRule: 'sample-release',
  };
}

function approvals(made: Made, pm: Member): ReturnType<typeof approval> {
  return [
    ...approval(made, {
      role: 'pm',
      by: pm,
      predicate: { comment: 'Scope and notes read.', signedAt: '2026-11-03T09:12:00Z' },
    }),
    ...approval(made, { role: 'lead', by: jonas, predicate: { signedAt: '2026-11-03T14:40:00Z' } }),
    ...approval(made, {
      role: 'security',
      by: sofia,
      predicate: { comment: 'Routing keeps patient data in the house.', signedAt: '2026-11-04T07:55:00Z' },
    }),
  ];
}

interface SampleModule {
  readonly name: string;
  readonly kind: 'good' | 'changed' | 'unknown';
  readonly bytes: string;
  readonly loose: readonly { readonly name: string; readonly bytes: string }[];
  readonly trust: { readonly name: string; readonly bytes: string };
}

export function sampleModules(): readonly SampleModule[] {
  const made = release();
  const all = approvals(made, priya);
  const beside = all.filter(({ path }) => path.includes('security'));
  const inside = all.filter(({ path }) => !path.includes('security'));
  const good = pack(made, inside);
  const changedItems = replaced(
    withChecksums(itemsOf(made, all)),
    'policies/data-protection.yaml',
    POLICY_DATA.replace('effect: deny', 'effect: warn'),
  );
  return [
    sample('appointments-2.4.0', 'good', good, loose(beside)),
    sample('appointments-2.4.0-changed', 'changed', packItems(changedItems)),
    sample('appointments-2.4.0-unknown', 'unknown', pack(made, strangers(made))),
  ];
}

/** Keys that say they are the three; anybody can make such keys. */
function strangers(made: Made): ReturnType<typeof approval> {
  return [
    ...approval(made, { role: 'pm', by: stranger }),
    ...approval(made, { role: 'lead', by: { ...stranger, id: jonas.id } }),
    ...approval(made, { role: 'security', by: { ...stranger, id: sofia.id } }),
  ];
}

function sample(
  name: string,
  kind: SampleModule['kind'],
  bytes: Octets,
  files: readonly { readonly name: string; readonly bytes: Octets }[] = [],
): SampleModule {
  const text = (octets: Octets): string => Buffer.from(octets).toString('base64');
  return {
    name: `${name}.sbundle.tgz`,
    kind,
    bytes: text(bytes),
    loose: files.map((file) => ({ name: file.name, bytes: text(file.bytes) })),
    trust: { name: 'sample-trust.yaml', bytes: text(trustBytes(trust())) },
  };
}
