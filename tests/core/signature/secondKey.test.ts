import { p256 } from '@noble/curves/nist.js';
import { describe, expect, it } from 'vitest';
import { APPROVAL_NAMESPACE, prepareApproval } from '../../../src/core/approve.js';
import type { InputReport } from '../../../src/core/generated/report.js';
import { verifySshsig } from '../../../src/core/signature/sshsig.js';
import { armorSshsig, sshsigToBeSigned } from '../../../src/core/signature/sshsigWrite.js';
import { createInlineEngine } from '../../../src/engine/inline.js';
import { nodePlatform } from '../../../src/platform/node.js';
import { publicKeyBlob, publicKeyLine, signatureBlob } from '../../../src/store/keys/wire.js';
import { bundle, pack } from '../../vectorgen/bundle.js';
import { carol, mallory, personRow } from '../../vectorgen/cast.js';
import { ecdsaSecret } from '../../vectorgen/keys.js';
import { trustText } from '../../vectorgen/trustText.js';

/**
 * Every ECDSA signature is true under a second key, too, which anybody can calculate (hostile input S32). Somebody who
 * gets that key onto a list, as their own, must not have approved what another person did.
 */

const P256 = 'ecdsa-sha2-nistp256';
const engine = createInlineEngine(nodePlatform(), { withoutControls: true });
const made = bundle({ roles: ['pm'] });

function statementOf(user: string, key?: string): Uint8Array {
  const prepared = prepareApproval(
    {
      bundleDigest: `sha256:${made.manifestSha256}`,
      id: made.id,
      version: made.version,
      contentRoot: made.root,
    },
    {
      role: 'pm',
      user,
      decision: 'approved',
      signedAt: '2026-11-20T10:00:00Z',
      ...(key === undefined ? {} : { key }),
    },
  );
  if ('findings' in prepared) throw new Error('no statement');
  return prepared.statement;
}

/** Carol's signature, once with her key and once with the other key that it is true under. */
function twoFiles(statement: Uint8Array): { own: Uint8Array; other: Uint8Array; otherBlob: Uint8Array } {
  const secret = ecdsaSecret('carol', 'nistp256');
  const own = p256.getPublicKey(secret, false);
  const text = sshsigToBeSigned(statement, APPROVAL_NAMESPACE, 'sha512');
  const signature = p256.sign(text, secret, { lowS: true });
  const points = [0, 1].map((bit) => {
    const withBit = Uint8Array.from([bit, ...signature]);
    const point = p256.recoverPublicKey(withBit, text);
    return p256.Point.fromBytes(point).toBytes(false);
  });
  const point = points.find((one) => Buffer.compare(one, own) !== 0)!;
  const file = (key: Uint8Array): Uint8Array =>
    armorSshsig(publicKeyBlob(P256, key), APPROVAL_NAMESPACE, 'sha512', signatureBlob(P256, signature));
  return { own: file(own), other: file(point), otherBlob: publicKeyBlob(P256, point) };
}

async function judged(statement: Uint8Array, signature: Uint8Array, line: string): Promise<InputReport> {
  const trust = trustText({
    people: [personRow(carol), { id: mallory.id, keys: [{ ssh: line }] }],
    rules: [{ name: 'release', roles: { pm: { people: [carol.id, mallory.id], threshold: 1 } } }],
    defaultRule: 'release',
  });
  const report = await engine.verify({
    inputs: [{ name: 'a.sbundle.tgz', source: pack(made) }],
    loose: [
      { name: 'pm-1.json', bytes: statement },
      { name: 'pm-1.json.sig', bytes: signature },
    ],
    trust: { name: 'trust.yaml', bytes: Buffer.from(trust) },
    now: '2026-11-20T12:00:00Z',
  });
  return report.inputs[0]!;
}

describe('a signature that is true under a second key', () => {
  it('does not become the approval of whoever has that key', async () => {
    const statement = statementOf(carol.id);
    const { own, other, otherBlob } = twoFiles(statement);
    const line = publicKeyLine(P256, otherBlob);
    // The mathematics cannot tell: both files are true.
    for (const file of [own, other])
      expect(verifySshsig(file, statement, APPROVAL_NAMESPACE).outcome).toBe('true');
    expect((await judged(statement, own, line)).verdict.code).toBe('B-OK');
    const stolen = await judged(statement, other, line);
    expect(stolen.approvals[0]).toMatchObject({ signature: 'true', counts: [] });
    expect(stolen.verdict.look).not.toBe('confirmed');
  });

  it('is refused by itself when the statement names its key', async () => {
    const [, blob] = carol.key.line.split(' ');
    const fingerprint = `SHA256:${Buffer.from(nodePlatform().sha256Sync(Buffer.from(blob!, 'base64')))
      .toString('base64')
      .replace(/=+$/, '')}`;
    const statement = statementOf(carol.id, fingerprint);
    const { own, other, otherBlob } = twoFiles(statement);
    const line = publicKeyLine(P256, otherBlob);
    expect((await judged(statement, own, line)).verdict.code).toBe('B-OK');
    const stolen = await judged(statement, other, line);
    expect(stolen.findings.map(({ code }) => code)).toContain('statement-key-differs');
    expect(stolen.approvals[0]?.counts).toEqual([]);
  });
});
