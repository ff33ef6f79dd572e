import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validate } from '../src/core/generated/report.validate.js';
import type { NamedBytes } from '../src/core/envelope/approval.js';
import type { Report } from '../src/core/generated/report.js';
import type { VerifyRequest } from '../src/engine/engine.js';
import { createInlineEngine } from '../src/engine/inline.js';
import { nodePlatform } from '../src/platform/node.js';
import {
  approval,
  bundle,
  inOrder,
  itemsOf,
  pack,
  packItems,
  withChecksums,
  type Item,
} from './vectorgen/bundle.js';
import { alice, bob, carol, mallory, releaseRoles, releaseRule, releaseTrust } from './vectorgen/cast.js';
import { gzip, tarOf, utf8 } from './vectorgen/raw.js';
import { foreignSignature, openPgp } from './vectorgen/table/valid.js';
import { trustBytes, trustText } from './vectorgen/trustText.js';
import { NOW } from './vectorgen/vector.js';

const engine = createInlineEngine(nodePlatform(), { withoutControls: true });
const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 60);
const TIME = 2_000 * RUNS;

const made = bundle();
const older = bundle({ manifest: { version: '1.2.0' } });
const other = bundle({ manifest: { id: 'example/other' } });
const pm = (number: number, over: object = {}): Item[] =>
  approval(made, { role: 'pm', by: alice, number, ...over });

/** True approvals by people whom the rule names. */
const authenticated: readonly (readonly Item[])[] = [
  pm(1),
  approval(made, { role: 'security', by: carol }),
  approval(made, { role: 'security', by: bob, number: 2 }),
  approval(made, { role: 'security', by: alice, number: 3 }),
  approval(made, { role: 'pm', by: alice, number: 4, predicate: { decision: 'declined' } }),
];

/** What anybody can make, or copy from elsewhere, without a key that the reader knows for this bundle. */
const unauthenticated: readonly (readonly Item[])[] = [
  approval(made, { role: 'pm', by: mallory, number: 11 }),
  approval(made, { role: 'security', by: mallory, number: 12, predicate: { user: carol.id } }),
  approval(older, { role: 'pm', by: alice, number: 13 }),
  approval(other, { role: 'security', by: carol, number: 14 }),
  pm(15, { signature: () => foreignSignature(made) }),
  pm(16, { sshsig: { namespace: 'git' } }),
  pm(17).slice(0, 1),
  openPgp(made, 18),
  [{ path: 'approvals/pm-19.json', bytes: utf8('garbage') }],
  [{ path: 'attestations/x.sigstore.json', bytes: utf8('{}') }],
];

const rules = [
  releaseRule(),
  releaseRule({ roles: { ...releaseRoles, security: { people: [bob.id, carol.id], threshold: 2 } } }),
  releaseRule({
    differentPeople: false,
    roles: { pm: { people: [alice.id] }, security: { people: [alice.id, carol.id] } },
  }),
];

interface Case {
  readonly rule: number;
  readonly embedded: boolean;
}

async function report(request: Partial<VerifyRequest> & Pick<VerifyRequest, 'inputs'>): Promise<Report> {
  const found = await engine.verify({ loose: [], now: NOW, ...request });
  if (!validate(found)) throw new Error(JSON.stringify(validate.errors));
  return found;
}

function looseOf(evidence: readonly (readonly Item[])[]): NamedBytes[] {
  return evidence.flat().map(({ path, bytes }) => ({ name: path.replace(/^.*\//, ''), bytes }));
}

async function verdict(evidence: readonly (readonly Item[])[], { rule, embedded }: Case): Promise<string> {
  const items = evidence.flat();
  const source = pack(made, embedded ? items : []);
  const found = await report({
    inputs: [{ name: 'x.sbundle.tgz', source }],
    loose: embedded ? [] : looseOf(evidence),
    trust: { name: 'trust.yaml', bytes: trustBytes(releaseTrust({ rules: [rules[rule]!] })) },
  });
  return found.inputs[0]!.verdict.code;
}

const cases = fc.record({ rule: fc.nat(rules.length - 1), embedded: fc.boolean() });
const some = fc.subarray([...authenticated, ...unauthenticated]);

function renamed(items: readonly Item[], by: number): Item[] {
  return items.map(({ path, bytes }) => ({
    path: path.replace(/-(\d+)\.json/, (_, n: string) => `-${Number(n) + by}.json`),
    bytes,
  }));
}

describe('nothing but true approvals ever leads to confirmed', { timeout: TIME }, () => {
  it('removing evidence never confirms', async () => {
    await fc.assert(
      fc.asyncProperty(some, cases, fc.infiniteStream(fc.boolean()), async (evidence, which, keep) => {
        const fewer = evidence.filter(() => keep.next().value);
        if ((await verdict(evidence, which)) !== 'B-OK') expect(await verdict(fewer, which)).not.toBe('B-OK');
      }),
      { numRuns: RUNS },
    );
  });

  it('duplicating evidence never confirms', async () => {
    await fc.assert(
      fc.asyncProperty(some, some, cases, async (evidence, extra, which) => {
        const copies = extra.filter((one) => evidence.includes(one)).map((one) => renamed(one, 100));
        if ((await verdict(evidence, which)) !== 'B-OK')
          expect(await verdict([...evidence, ...copies], which)).not.toBe('B-OK');
      }),
      { numRuns: RUNS },
    );
  });

  it('adding unauthenticated evidence never confirms, and never spoils what is confirmed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.subarray([...authenticated]),
        fc.subarray([...unauthenticated]),
        cases,
        async (evidence, extra, which) => {
          const before = (await verdict(evidence, which)) === 'B-OK';
          const after = (await verdict([...evidence, ...extra], which)) === 'B-OK';
          expect(after).toBe(before);
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('confirms exactly when the people of the rule approved', async () => {
    await fc.assert(
      fc.asyncProperty(fc.subarray([...authenticated]), async (evidence) => {
        const has = (index: number): boolean => evidence.includes(authenticated[index]!);
        const expected = has(0) && (has(1) || has(2));
        expect((await verdict(evidence, { rule: 0, embedded: true })) === 'B-OK').toBe(expected);
      }),
      { numRuns: RUNS },
    );
  });

  it('adding or removing an entry of the archive never confirms', async () => {
    const whole = itemsOf(made, authenticated.flat());
    await fc.assert(
      fc.asyncProperty(
        fc.subarray(whole),
        fc.option(fc.stringMatching(/^[a-z]{1,8}\.md$/)),
        async (items, extra) => {
          const added = extra === null ? items : inOrder([...items, { path: extra, bytes: utf8('x\n') }]);
          const found = await report({
            inputs: [{ name: 'x', source: packItems(withChecksums(added)) }],
            trust: { name: 'trust.yaml', bytes: trustBytes(releaseTrust()) },
          });
          const { look } = found.inputs[0]?.verdict ?? { look: 'none' };
          const untouched =
            extra === null &&
            ['manifest.yaml', ...Object.keys(contentOf())].every((path) =>
              items.some((one) => one.path === path),
            );
          if (!untouched) expect(look).not.toBe('confirmed');
        },
      ),
      { numRuns: RUNS },
    );
  });
});

function contentOf(): Readonly<Record<string, true>> {
  return Object.fromEntries(made.content.map(({ path }) => [path, true as const]));
}

describe('the same request gives the same report', { timeout: TIME }, () => {
  it('twice, and whatever the order of the loose files', async () => {
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...authenticated, ...unauthenticated]), async (evidence) => {
        const files = looseOf(evidence);
        const ask = (loose: typeof files): Promise<Report> =>
          report({
            inputs: [{ name: 'x', source: pack(made) }],
            loose,
            trust: { name: 'trust.yaml', bytes: trustBytes(releaseTrust()) },
          });
        const first = await ask(files);
        expect(await ask(files)).toEqual(first);
        expect(await ask([...files].reverse())).toEqual(first);
      }),
      { numRuns: RUNS },
    );
  });

  const bundles = [made, older, other].map((one, i) => ({ name: `${i}.sbundle.tgz`, source: pack(one) }));

  it('whatever the order of the bundles and supplements', async () => {
    const evidence = fc.shuffledSubarray([...authenticated, ...unauthenticated], { maxLength: 6 });
    const asked = fc.tuple(evidence, evidence, fc.shuffledSubarray(bundles, { minLength: 2 }));
    await fc.assert(
      fc.asyncProperty(asked, async ([some, others, inputs]) => {
        const loose = looseOf(some);
        const supplements = others.map((items, i) => supplement(`${i}.sbundle.tgz`, items));
        const trust = { name: 'trust.yaml', bytes: trustBytes(releaseTrust()) };
        const there = await report({ inputs: [...supplements, ...inputs], loose, trust });
        const back = await report({ inputs: [...supplements, ...inputs].reverse(), loose, trust });
        expect(back.inputs.toReversed()).toEqual(there.inputs);
        const last = inputs.length - 1;
        const turned = back.loose.map((one) => ({ ...one, inputs: one.inputs.map((i) => last - i).sort() }));
        expect(turned).toEqual(there.loose);
      }),
      { numRuns: RUNS },
    );
  });
});

function supplement(name: string, items: readonly Item[]): VerifyRequest['inputs'][number] {
  return { name, source: packItems(inOrder(items)) };
}

describe('hostile bytes end in findings', { timeout: TIME }, () => {
  const trust = { name: 'trust.yaml', bytes: trustBytes(releaseTrust()) };
  const bytes = fc.uint8Array({ maxLength: 2000 });
  /** Valid documents, cut and mixed with noise: these get deeper than noise alone. */
  const damaged = (whole: Uint8Array) =>
    fc.tuple(fc.nat(whole.length), fc.nat(whole.length), bytes).map(([from, to, noise]) => {
      return new Uint8Array(
        Buffer.concat([whole.subarray(0, from), noise, whole.subarray(Math.max(from, to))]),
      );
    });
  const never = async (request: Partial<VerifyRequest> & Pick<VerifyRequest, 'inputs'>): Promise<void> => {
    const found = await report(request);
    for (const input of found.inputs) expect(input.verdict.look).not.toBe('confirmed');
  };

  it('as a bundle', async () => {
    const tar = fc.oneof(bytes, damaged(tarOf()), damaged(packItems(itemsOf(made))));
    const source = fc.oneof(
      tar,
      tar.map((one) => gzip(one, { level: 1 })),
    );
    await fc.assert(
      fc.asyncProperty(source, (one) => never({ inputs: [{ name: 'x', source: one }], trust })),
      { numRuns: 5 * RUNS },
    );
  });

  it('as a manifest, a list of checksums or an approval', async () => {
    const items = itemsOf(made, pm(1));
    const path = fc.constantFrom('manifest.yaml', 'approvals/pm-1.json', 'approvals/pm-1.json.sig');
    await fc.assert(
      fc.asyncProperty(path, fc.nat(), bytes, async (name, at, noise) => {
        const changed = items.map((one) => {
          if (one.path !== name) return one;
          const cut = at % one.bytes.length;
          return {
            path: name,
            bytes: new Uint8Array(
              Buffer.concat([one.bytes.subarray(0, cut), noise, one.bytes.subarray(cut + 1)]),
            ),
          };
        });
        await never({ inputs: [{ name: 'x', source: packItems(withChecksums(changed)) }], trust });
      }),
      { numRuns: 3 * RUNS },
    );
  });

  it('as loose files, trust lists and signers files', async () => {
    const text = utf8(trustText(releaseTrust()));
    const source = pack(made);
    const documents = fc.record({
      loose: fc.oneof(bytes, damaged(pm(1)[0]!.bytes), damaged(pm(1)[1]!.bytes), damaged(source)),
      trust: fc.oneof(bytes, damaged(text)),
      signers: fc.oneof(bytes, damaged(utf8(`${alice.id} ${alice.key.line}\n`))),
    });
    await fc.assert(
      fc.asyncProperty(documents, (one) =>
        never({
          inputs: [{ name: 'x', source }],
          loose: [{ name: 'a.json', bytes: one.loose }],
          trust: { name: 'trust.yaml', bytes: one.trust },
          allowedSigners: [{ name: 'allowed_signers', bytes: one.signers }],
        }),
      ),
      { numRuns: 3 * RUNS },
    );
  });
});
