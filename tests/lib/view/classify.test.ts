import { describe, expect, it } from 'vitest';
import { classify, pastedName } from '../../../src/lib/view/classify';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const gzip = Uint8Array.of(0x1f, 0x8b, 8, 0);

describe('what a dropped file is taken for', () => {
  it.each([
    ['release.sbundle.tgz', gzip, 'bundle'],
    ['renamed.bin', gzip, 'bundle'],
    ['broken.sbundle.tgz', bytes('not gzip'), 'bundle'],
    ['trust.yaml', bytes('schema: "countersign.trust/v1"\nid: "acme"\n'), 'trust'],
    ['anything.txt', bytes('# comment\nschema: countersign.trust/v1\n'), 'trust'],
    ['trust.json', bytes('{\n  "schema": "countersign.trust/v1"\n}'), 'trust'],
    ['allowed_signers', bytes('# nobody yet\n'), 'allowed-signers'],
    [
      'signers.txt',
      bytes('alice@acme.org namespaces="approval@countersign" ssh-ed25519 AAAAC3Nz\n'),
      'allowed-signers',
    ],
    ['pm-approval.json', bytes('{"role":"pm"}'), 'loose'],
    ['pm-1.json.sig', bytes('-----BEGIN SSH SIGNATURE-----\n'), 'loose'],
    ['pm-1.json.tsr', Uint8Array.of(0x30, 0x82), 'loose'],
    ['anna.asc', bytes('-----BEGIN PGP PUBLIC KEY BLOCK-----\n'), 'loose'],
    ['anna.txt', bytes('-----BEGIN PGP PUBLIC KEY BLOCK-----\n'), 'loose'],
    ['anna.gpg', Uint8Array.of(0x98, 0x33, 4), 'loose'],
    ['notes.txt', bytes('hello'), 'other'],
  ])('%s', (name, head, kind) => {
    expect(classify(name, head).kind).toBe(kind);
  });

  it('what is called a trust list goes to its reader, which says what is wrong with it', () => {
    expect(classify('trust.yaml', bytes('version: 1\nroles:\n')).kind).toBe('trust');
    expect(classify('acme-trust.yml', bytes('people: []\n')).kind).toBe('trust');
    expect(classify('distrust.yaml', bytes('people: []\n')).kind).toBe('other');
  });

  it('content wins over a name: a gzip file called trust.yaml is judged as a bundle', () => {
    expect(classify('trust.yaml', gzip).kind).toBe('bundle');
  });

  it.each([
    ['report.pdf', bytes('%PDF-1.7'), 'pdf'],
    ['fake.sbundle.tgz', bytes('%PDF-1.7'), 'pdf'],
    ['a.zip', Uint8Array.of(0x50, 0x4b, 3, 4), 'zip'],
    ['a.docx', Uint8Array.of(0x50, 0x4b, 3, 4), 'office'],
    ['a.png', Uint8Array.of(0x89, 0x50, 0x4e, 0x47), 'image'],
  ])('%s is named for what it is', (name, head, wrong) => {
    expect(classify(name, head)).toEqual({ kind: 'wrong', wrong });
  });

  it('pairs a pasted statement with the signature pasted after it', () => {
    expect(pastedName('{"_type":"…"}', 1)).toBe('pasted-1.json');
    expect(pastedName('-----BEGIN SSH SIGNATURE-----\n', 1)).toBe('pasted-1.json.sig');
    expect(pastedName('-----BEGIN PGP SIGNATURE-----\n', 1)).toBe('pasted-1.json.asc');
    expect(pastedName('-----BEGIN PGP PUBLIC KEY BLOCK-----\n', 1)).toBe('pasted-1.asc');
  });
});
