import { readFileSync } from 'node:fs';
import { emit } from '../documents/emit.js';
import { goods } from '../documents/goods.js';
import { faultsOf, type Schema } from '../documents/mutate.js';
import { textFaults } from '../documents/texts.js';

/** One document, and whether its reader takes it. */
export interface DocumentCase {
  readonly name: string;
  /** The document as text; `base64` where it is none. */
  readonly text?: string;
  readonly base64?: string;
  /** null: accepted. */
  readonly refused: null | {
    /** `text`: it cannot be read at all. */
    readonly kind: 'form' | 'unknown-field' | 'text';
    /** JSON pointer; null for the whole text. */
    readonly pointer: string | null;
    /** 1-based; null where no single line is to blame. */
    readonly line: number | null;
  };
}

export interface DocumentTable {
  readonly schema: string;
  readonly form: 'yaml' | 'json' | 'canonical';
  readonly cases: readonly DocumentCase[];
}

/** A good document of each kind, every fault of its schema, and faults of the text itself. */
export function documentTables(): readonly DocumentTable[] {
  return goods.map(({ schema, form, value }) => {
    const rules = JSON.parse(readFileSync(`schemas/${schema}.schema.json`, 'utf8')) as Schema;
    const good = emit(value, form);
    const faults = faultsOf(rules, value, schema === 'trust' || schema === 'manifest').map(
      (fault): DocumentCase => {
        const { text, lines } = emit(fault.value, form);
        const { name, kind, pointer } = fault;
        return { name, text, refused: { kind, pointer, line: lines.get(pointer) ?? null } };
      },
    );
    const texts = textFaults(good.text, form).map(({ name, bytes, line }): DocumentCase => {
      const refused = { kind: 'text', pointer: null, line } as const;
      const text = new TextDecoder().decode(bytes);
      const isText = Buffer.compare(Buffer.from(text), Buffer.from(bytes)) === 0;
      return isText
        ? { name, text, refused }
        : { name, base64: Buffer.from(bytes).toString('base64'), refused };
    });
    return { schema, form, cases: [{ name: 'good', text: good.text, refused: null }, ...faults, ...texts] };
  });
}
