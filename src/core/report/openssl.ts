import { fromBase64, toBase64 } from '../bytes/base64.js';
import { concatBytes } from '../bytes/bytes.js';
import { fromHex } from '../bytes/hex.js';
import { fromUtf8 } from '../bytes/text.js';
import { say, type Said } from '../messages/say.js';
import type { LegacySshSignature } from '../signature/legacySsh.js';
import { parseAuthorizedKey, type KeyMaterial } from '../signature/publicKey.js';
import { WireReader, wireMpint } from '../signature/wire.js';
import { quote } from './shell.js';

/** How one key kind is handed to OpenSSL: its public key as DER in base64, or made by ssh-keygen. */
interface Recipe {
  readonly key: string;
  readonly signature: string;
  readonly verify: string;
  readonly expect: string | Said;
}

/** SubjectPublicKeyInfo in front of the bare point (RFC 8410, RFC 5480). */
const SPKI_PREFIX = {
  ed25519: '302a300506032b6570032100',
  nistp256: '3059301306072a8648ce3d020106082a8648ce3d030107034200',
  nistp384: '3076301006072a8648ce3d020106052b81040022036200',
  nistp521: '30819b301006072a8648ce3d020106052b8104002303818600',
} as const;

const HASH_OF_CURVE = { nistp256: 'sha256', nistp384: 'sha384', nistp521: 'sha512' } as const;

/** Shell steps that check one signature of the released CLI (docs/SPEC.md, "Older dialects") with OpenSSL 3; null for keys that it cannot read. */
export function opensslSteps(
  proof: LegacySshSignature,
): { readonly run: string; readonly expect: string | Said } | null {
  const read = parseAuthorizedKey(proof.publicKeyLine);
  const signature = fromBase64(proof.signatureBase64);
  const message = fromUtf8(proof.message);
  if ('problem' in read || signature === null || message === null) return null;
  const recipe = recipeOf(read.material, signature, proof.publicKeyLine.trim());
  if (recipe === null) return null;
  const lines = message.split('\n').slice(0, -1).map(quote).join(' ');
  const run = [
    `printf '%s\\n' ${lines} > message`,
    recipe.key,
    `echo ${recipe.signature} | base64 -d > signature`,
    recipe.verify,
  ].join(' && ');
  return { run, expect: recipe.expect };
}

function recipeOf(material: KeyMaterial, signature: Uint8Array, line: string): Recipe | null {
  switch (material.kind) {
    case 'ed25519':
      return {
        key: derKey(SPKI_PREFIX.ed25519, material.point),
        signature: toBase64(signature),
        verify:
          'openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in message -sigfile signature',
        expect: 'Signature Verified Successfully',
      };
    case 'ecdsa': {
      const der = derSignature(signature);
      if (der === null) return null;
      return {
        key: derKey(SPKI_PREFIX[material.curve], material.point),
        signature: toBase64(der),
        verify: `openssl dgst -${HASH_OF_CURVE[material.curve]} -verify key.der -keyform DER -signature signature message`,
        expect: 'Verified OK',
      };
    }
    case 'rsa':
      return {
        key: `printf '%s\\n' ${quote(line)} > key.pub && ssh-keygen -e -m PKCS8 -f key.pub > key.pem`,
        signature: toBase64(signature),
        verify: 'openssl dgst -sha1 -verify key.pem -signature signature message',
        expect: say('command-weak-expect'),
      };
  }
}

function derKey(prefix: string, point: Uint8Array): string {
  return `echo ${toBase64(concatBytes([fromHex(prefix)!, point]))} | base64 -d > key.der`;
}

/** SSH's two mpints are DER's two INTEGERs but for the length in front. */
function derSignature(blob: Uint8Array): Uint8Array | null {
  const reader = new WireReader(blob);
  const r = reader.mpint();
  const s = reader.mpint();
  if (reader.failed || reader.rest > 0) return null;
  const integers = [r, s].map((value) => {
    const content = wireMpint(value).subarray(4);
    return concatBytes([Uint8Array.of(0x02, content.length), content]);
  });
  const body = concatBytes(integers);
  const length = body.length < 128 ? [body.length] : [0x81, body.length];
  return concatBytes([Uint8Array.of(0x30, ...length), body]);
}
