import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../src/core/bytes/hex.js';
import { toUtf8 } from '../../src/core/bytes/text.js';
import { canonicalJson, isCanonicalJson } from '../../src/core/canon/jcs.js';
import { parseJson, type JsonLimits, type JsonValue } from '../../src/core/canon/json.js';
import { describeShared, sharedPath } from '../shared.js';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function accepted(source: string | Uint8Array, limits: JsonLimits = {}): JsonValue {
  const read = parseJson(typeof source === 'string' ? toUtf8(source) : source, limits);
  if ('problem' in read) throw new Error(`refused: ${JSON.stringify(read.problem)}`);
  return read.value;
}

function refused(source: string | Uint8Array, limits: JsonLimits = {}): string {
  const read = parseJson(typeof source === 'string' ? toUtf8(source) : source, limits);
  return 'problem' in read ? read.problem.kind : 'accepted';
}

describe('strict JSON', () => {
  it('refuses a key that stands twice, also when one is escaped', () => {
    expect(refused('{"a":1,"a":1}')).toBe('duplicate-key');
    expect(refused('{"role":"pm","\\u0072ole":"security"}')).toBe('duplicate-key');
    expect(refused('{"__proto__":1,"__proto__":2}')).toBe('duplicate-key');
    expect(accepted('{"a":1,"A":1}')).toEqual(Object.assign(Object.create(null), { a: 1, A: 1 }));
  });

  it('keeps __proto__ and constructor as plain data', () => {
    const value = accepted('{"__proto__":{"polluted":1},"constructor":2}') as Record<string, JsonValue>;
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(value)).toBeNull();
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(text(canonicalJson(value))).toBe('{"__proto__":{"polluted":1},"constructor":2}');
  });

  it('refuses numbers that a double cannot carry', () => {
    for (const number of [
      '9007199254740992',
      '-9007199254740993',
      // Their canonical form is such an integer.
      '9007199254740993.9',
      '1e20',
      '1e999',
      '-1e999',
      '1e-999',
      '-0.1e-400',
    ]) {
      expect(refused(number), number).toBe('number');
    }
    expect(accepted('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
    expect(accepted('0e9')).toBe(0);
    expect(isCanonicalJson(canonicalJson(accepted('1e21')))).toBe(true);
    expect(accepted('9007199254740993', { strictNumbers: false })).toBe(9007199254740992);
    expect(refused('1e999', { strictNumbers: false })).toBe('number');
  });

  it('refuses what follows the document, comments, trailing commas, single quotes', () => {
    expect(refused('{} {}')).toBe('trailing');
    expect(refused('{}\0')).toBe('trailing');
    for (const bad of [
      '',
      ' ',
      '{"a":1,}',
      '[1,]',
      "{'a':1}",
      '{/*x*/}',
      '[1 2]',
      '{"a"}',
      'nul',
      '"a\nb"',
      '"\\x41"',
      '"abc',
    ]) {
      expect(refused(bad), bad).toBe('syntax');
    }
  });

  it('refuses encodings other than plain UTF-8', () => {
    expect(refused('\ufeff{}')).toBe('bom');
    expect(refused(new Uint8Array([0x22, 0xc0, 0xae, 0x22]))).toBe('utf8');
    expect(refused(new Uint8Array([0x7b, 0x00, 0x7d, 0x00]))).toBe('syntax');
    expect(refused('"\\ud800"')).toBe('surrogate');
    expect(refused('{"\\udc00\\ud800":1}')).toBe('surrogate');
  });

  it('bounds size and nesting', () => {
    expect(refused('['.repeat(100_000))).toBe('depth');
    expect(refused('{"a":'.repeat(100_000))).toBe('depth');
    expect(accepted('['.repeat(64) + ']'.repeat(64))).toBeTruthy();
    expect(refused('['.repeat(65) + ']'.repeat(65))).toBe('depth');
    expect(refused('"aaaa"', { bytesMax: 5 })).toBe('too-large');
  });

  it('refuses NUL and noncharacters where asked', () => {
    for (const bad of ['"\\u0000"', '"\\uffff"', '"\\udbff\\udfff"', '"\\ufdd0"']) {
      expect(refused(bad, { plainText: true }), bad).toBe('text');
      expect(refused(bad), bad).toBe('accepted');
    }
    expect(accepted('"\\ufffd\\ud83d\\ude00"', { plainText: true })).toBe('\ufffd😀');
  });

  it('names the place in bytes and lines', () => {
    expect(parseJson(toUtf8('{"ü":1,\n "b":x}'))).toEqual({
      problem: { kind: 'syntax', byte: 14, line: 2, message: 'a value was expected' },
    });
  });

  it('agrees with JSON.parse on everything that it accepts', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const source = JSON.stringify(value);
        const read = parseJson(toUtf8(source), { strictNumbers: false });
        if ('problem' in read) return ['surrogate', 'depth', 'duplicate-key'].includes(read.problem.kind);
        expect(JSON.parse(text(canonicalJson(read.value)))).toEqual(JSON.parse(source));
        return true;
      }),
    );
  });
});

describe('RFC 8785', () => {
  it('is stable: the canonical form parses to a value with the same canonical form', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const read = parseJson(toUtf8(JSON.stringify(value)), { strictNumbers: false });
        if ('problem' in read) return;
        const once = canonicalJson(read.value);
        expect(isCanonicalJson(once, { strictNumbers: false })).toBe(true);
        expect(canonicalJson(accepted(once, { strictNumbers: false }))).toEqual(once);
      }),
    );
  });

  it('tells canonical bytes from others', () => {
    expect(isCanonicalJson(toUtf8('{"a":1,"b":[0.5,"ü"]}'))).toBe(true);
    for (const other of [
      '{"b":1,"a":1}',
      '{"a": 1}',
      '1.0',
      '-0',
      '"\\u0041"',
      '"\\/"',
      '{}\n',
      '{"a":1,"a":1}',
    ]) {
      expect(isCanonicalJson(toUtf8(other)), other).toBe(false);
    }
  });

  it('throws on what has no form', () => {
    expect(() => canonicalJson('\ud800')).toThrow(TypeError);
    expect(() => canonicalJson({ '\udc00': 1 })).toThrow(TypeError);
    expect(() => canonicalJson(Number.NaN)).toThrow(TypeError);
    expect(() => canonicalJson([Infinity])).toThrow(TypeError);
  });
});

describeShared('jcs corpus', () => {
  const folder = sharedPath('corpora', 'jcs');
  const numberOf = (hex: string): number => {
    const view = new DataView(new ArrayBuffer(8));
    fromHex(hex.padStart(16, '0'))!.forEach((byte, i) => view.setUint8(i, byte));
    return view.getFloat64(0);
  };

  it('writes every pair byte for byte', () => {
    const names = readdirSync(`${folder}/cyberphone/input`);
    expect(names).toHaveLength(6);
    for (const name of names) {
      const value = accepted(readFileSync(`${folder}/cyberphone/input/${name}`), { strictNumbers: false });
      const out = canonicalJson(value);
      expect(text(out), name).toBe(readFileSync(`${folder}/cyberphone/output/${name}`, 'utf8'));
      const hex = readFileSync(`${folder}/cyberphone/outhex/${name.replace('.json', '.txt')}`, 'utf8');
      expect(toHex(out), name).toBe(hex.replace(/\s+/g, ''));
    }
  });

  it('writes 10,000 numbers as the published sequence does', () => {
    const rows = readFileSync(`${folder}/es6-numbers-1-10000.txt`, 'utf8').trimEnd().split('\n');
    expect(rows).toHaveLength(10_000);
    const wrong = rows.filter((row) => {
      const [hex, expected] = row.split(',') as [string, string];
      return text(canonicalJson(numberOf(hex))) !== expected;
    });
    expect(wrong).toEqual([]);
  });

  it('writes the numbers of appendix B, and refuses those that have no form', () => {
    const rows = readFileSync(`${folder}/rfc8785-appendix-b.csv`, 'utf8').trimEnd().split('\n').slice(1);
    expect(rows.length).toBeGreaterThan(20);
    for (const row of rows) {
      const [hex, expected, comment] = row.split(',') as [string, string, string];
      const value = numberOf(hex);
      if (Number.isFinite(value)) expect(text(canonicalJson(value)), comment).toBe(expected);
      else expect(() => canonicalJson(value), comment).toThrow(TypeError);
    }
  });
});

describeShared('json corpus', () => {
  const folder = sharedPath('corpora', 'json');
  /** Accepted by RFC 8259, refused here, because signed data must have one reading. */
  const override =
    /^y_object_duplicated_key|^i_string_|^i_object_key_lone|^i_structure_UTF-8_BOM|^i_number_(?!double_huge_neg_exp|real_underflow)/;

  it('accepts y_, refuses n_ and everything ambiguous', () => {
    const names = readdirSync(`${folder}/JSONTestSuite/test_parsing`);
    expect(names.length).toBeGreaterThan(200);
    for (const name of names) {
      const read = parseJson(readFileSync(`${folder}/JSONTestSuite/test_parsing/${name}`));
      const refuse = name.startsWith('n_') || override.test(name);
      if (refuse) expect('problem' in read, name).toBe(true);
      else if (name.startsWith('y_')) expect('value' in read, `${name} ${JSON.stringify(read)}`).toBe(true);
    }
  });

  it('refuses the same key twice in the transform set', () => {
    const at = `${folder}/JSONTestSuite/test_transform`;
    const same = readdirSync(at).filter((name) => name.startsWith('object_same_key'));
    expect(same.length).toBeGreaterThan(0);
    for (const name of same) expect(refused(readFileSync(`${at}/${name}`)), name).toBe('duplicate-key');
  });

  it('keeps the bytes of every round trip that has no number spelling of its own', () => {
    const names = readdirSync(`${folder}/roundtrip`);
    expect(names.length).toBeGreaterThan(20);
    for (const name of names) {
      const source = readFileSync(`${folder}/roundtrip/${name}`, 'utf8');
      const value = accepted(source, { strictNumbers: false });
      if (/[0-9]/.test(source)) expect(value, name).toEqual(JSON.parse(source));
      else expect(text(canonicalJson(value)), name).toBe(source);
    }
  });
});
