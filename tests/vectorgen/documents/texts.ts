import type { Form } from './emit.js';

/** Faults of the text itself, whatever it says. */
export interface TextFault {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** 1-based; null where no single line is to blame. */
  readonly line: number | null;
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** `key` is a field at the top of the document, `text` a good document that begins with a field. */
export function textFaults(text: string, form: Form): readonly TextFault[] {
  return (form === 'yaml' ? yamlFaults(text) : jsonFaults(text)).map(({ name, text, line }) => ({
    name,
    bytes: typeof text === 'string' ? utf8(text) : text,
    line,
  }));
}

interface Fault {
  readonly name: string;
  readonly text: string | Uint8Array;
  readonly line: number | null;
}

function yamlFaults(text: string): readonly Fault[] {
  const count = text.split('\n').length - 1;
  const [first = ''] = text.split('\n');
  return [
    { name: 'nothing', text: '', line: null },
    { name: 'only a comment', text: '# nothing\n', line: null },
    { name: 'a list', text: '- a\n- b\n', line: null },
    { name: 'a single text', text: 'hello\n', line: null },
    {
      name: 'a field twice',
      text: `${text}${first.endsWith(':') ? `${first} 1` : first}\n`,
      line: count + 1,
    },
    { name: 'a second document', text: `${text}---\n${text}`, line: null },
    { name: 'a bracket left open', text: `${text}extra: [1, 2\n`, line: null },
    { name: 'a quote left open', text: `${text}extra: "abc\n`, line: null },
    { name: 'a tab as indent', text: `${text}extra:\n\tinner: 1\n`, line: null },
    { name: 'an anchor', text: `${text}extra: &a 1\nmore: *a\n`, line: null },
    { name: 'a tag', text: `${text}extra: !!int "1"\n`, line: null },
    { name: 'a merge', text: `${text}extra:\n  <<: {a: 1}\n`, line: null },
    { name: 'not UTF-8', text: new Uint8Array([...utf8(text), 0x23, 0x20, 0xff, 0x0a]), line: null },
    { name: 'a NUL', text: `${text}# \u0000\n`, line: null },
    { name: 'too deep', text: `${text}extra: ${'['.repeat(70)}${']'.repeat(70)}\n`, line: null },
    { name: 'a word of two meanings', text: `${text}extra: off\n`, line: null },
    { name: 'a number of two meanings', text: `${text}extra: 010\n`, line: null },
  ];
}

function jsonFaults(text: string): readonly Fault[] {
  const open = text.trimEnd().slice(0, -1);
  const again = /^\s*\{\s*("[^"]+"\s*:)/.exec(text)?.[1] ?? '"a":';
  return [
    { name: 'nothing', text: '', line: null },
    { name: 'a list', text: '[]\n', line: null },
    { name: 'a single text', text: '"hello"\n', line: null },
    { name: 'a field twice', text: `${open},${again}1}`, line: null },
    { name: 'a second document', text: `${text}${text}`, line: null },
    { name: 'a bracket left open', text: open, line: null },
    { name: 'a comma too many', text: `${open},}`, line: null },
    { name: 'a comment', text: `${open}/* why */}`, line: null },
    { name: 'single quotes', text: `${open},'extra':1}`, line: null },
    { name: 'half of a character', text: `${open},"extra":"\\ud800"}`, line: null },
    {
      name: 'not UTF-8',
      text: new Uint8Array([...utf8(`${open},"extra":"`), 0xff, ...utf8('"}')]),
      line: null,
    },
    { name: 'no number', text: `${open},"extra":NaN}`, line: null },
    { name: 'too deep', text: `${open},"extra":${'['.repeat(70)}${']'.repeat(70)}}`, line: null },
  ];
}
