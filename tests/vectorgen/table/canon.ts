import { naiveCanonical, type Json } from '../naive.js';
import { utf8, type Octets } from '../raw.js';

/** RFC 8785: texts that have one canonical form, and texts that have none. */

export interface CanonCase {
  readonly name: string;
  readonly inputBase64: string;
  /** Canonical text, or null when the input must be refused. */
  readonly canonical: string | null;
  readonly why: string;
}

const accepted: readonly (readonly [name: string, input: string, why: string])[] = [
  ['empty-object', '{}', 'nothing to sort'],
  ['empty-array', ' [ ] ', 'white space outside strings goes'],
  ['white-space', '{ "b" : 1 ,\r\n\t"a" : [ 1 , 2 ] }', 'every kind of JSON white space goes'],
  ['key-order-ascii', '{"b":2,"a":1,"B":3,"A":4,"":5}', 'upper case before lower case, the empty key first'],
  ['key-order-prefix', '{"aa":1,"a":2,"a0":3}', 'the shorter key first'],
  [
    'key-order-utf16',
    '{"\\ufb33":1,"\\ud83d\\ude00":2,"\\u20ac":3,"\\u00f6":4,"\\r":5,"1":6,"\\u0080":7}',
    'UTF-16 units, not code points: U+1F600 sorts before U+FB33',
  ],
  [
    'nested-order',
    '{"z":{"y":{"x":1,"w":2}},"a":[{"d":1,"c":2}]}',
    'every object is sorted, arrays keep their order',
  ],
  ['integers', '[0,1,-1,9007199254740991,-9007199254740991]', 'safe integers as they are'],
  ['negative-zero', '[-0,-0.0,0e5]', 'negative zero is zero'],
  ['exponents', '[1e0,1E2,1e21,1e-7,1e-6]', 'ECMAScript decides where the exponent starts'],
  [
    'fractions',
    '[0.1,0.10,1.5e3,333333333.33333329,5e-324,1.7976931348623157e308]',
    'shortest form that reads back as the same double',
  ],
  [
    'short-escapes',
    '"\\b\\t\\n\\f\\r\\"\\\\\\/"',
    'two-character escapes stay, the slash loses its backslash',
  ],
  ['control-escapes', '"\\u0000\\u001F\\u007f"', 'lower-case \\u00xx below U+0020, DEL as it is'],
  ['unescape', '"\\u0041\\u00e9\\u20AC\\uD83D\\uDE00"', 'other escapes become UTF-8'],
  ['no-normalisation', '["\\u00e9","e\\u0301"]', 'composed and decomposed stay different'],
  ['line-separators', '"\\u2028\\u2029"', 'U+2028 and U+2029 are not escaped'],
  ['proto-key', '{"__proto__":1,"constructor":2}', 'plain keys like all others'],
  ['literals', '[true,false,null]', 'the three words'],
  ['top-level-string', '"x"', 'any value may stand alone'],
  ['leaf', '{"size":12,"path":"spec.yaml","sha256":"00"}', 'the leaf of a content root'],
];

const refused: readonly (readonly [name: string, input: string | Octets, why: string])[] = [
  ['duplicate-key', '{"a":1,"a":1}', 'two values for one key'],
  ['duplicate-key-escaped', '{"a":1,"\\u0061":2}', 'the same key, spelled by escape'],
  ['duplicate-key-deep', '[{"x":{"k":1,"k":2}}]', 'deep down'],
  ['lone-high-surrogate', '"\\ud800"', 'no such character'],
  ['lone-low-surrogate', '"\\udc00x"', 'no such character'],
  ['surrogates-swapped', '"\\ude00\\ud83d"', 'low before high'],
  ['trailing-comma', '[1,]', 'not JSON'],
  ['trailing-text', '{} {}', 'two values'],
  ['comment', '{"a":1/*x*/}', 'not JSON'],
  ['single-quotes', "{'a':1}", 'not JSON'],
  ['bare-key', '{a:1}', 'not JSON'],
  ['leading-zero', '[017]', 'not JSON'],
  ['leading-plus', '[+1]', 'not JSON'],
  ['leading-point', '[.5]', 'not JSON'],
  ['nan', '[NaN]', 'not JSON'],
  ['infinity', '[1e400]', 'no double is that large'],
  ['integer-beyond-2-53', '[9007199254740993]', 'no double holds it exactly'],
  ['raw-control', '"a\u0001b"', 'control characters must be escaped'],
  ['raw-newline', '"a\nb"', 'control characters must be escaped'],
  ['bad-escape', '"\\x41"', 'not JSON'],
  ['no-break-space', '\u00a0{}', 'not JSON white space'],
  ['byte-order-mark', '\ufeff{}', 'not JSON white space'],
  ['empty', '', 'no value'],
  ['cut', '{"a":', 'ends early'],
  ['invalid-utf8', new Uint8Array([0x22, 0xff, 0x22]), 'not UTF-8'],
  ['overlong-utf8', new Uint8Array([0x22, 0xc0, 0xaf, 0x22]), 'not UTF-8'],
  ['surrogate-utf8', new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]), 'a surrogate is not a character'],
  ['too-deep', `${'['.repeat(65)}${']'.repeat(65)}`, 'more than 64 levels'],
];

export function canonCases(): readonly CanonCase[] {
  const base64 = (input: string | Octets): string =>
    Buffer.from(typeof input === 'string' ? utf8(input) : input).toString('base64');
  return [
    ...accepted.map(([name, input, why]) => ({
      name,
      inputBase64: base64(input),
      canonical: naiveCanonical(JSON.parse(input) as Json),
      why,
    })),
    ...refused.map(([name, input, why]) => ({ name, inputBase64: base64(input), canonical: null, why })),
  ];
}
