import { describe, expect, test } from 'vitest';
import { explain } from '../../src/cli/explain.js';
import { explanations } from '../../src/core/generated/explanations.js';
import { catalogue } from '../../src/core/generated/messages.js';
import { exitCodes } from '../../src/core/report/exitCodes.js';
import { verdictRows } from '../../src/core/report/verdicts.js';

const AVOIDED = /\b(valid|invalid|trusted|untrusted|secure|OK|please|sorry|oops)\b/;

describe('--explain', () => {
  test.each(Object.keys(catalogue))('%s', (code) => {
    const text = explain(code);
    expect(text).toContain('What to do: ');
    expect(text).toContain('Most likely cause: ');
    expect(text).toContain(explanations[code]);
  });

  test.each(verdictRows.map(({ code, exit }) => [code, exit] as const))('%s', (code, exit) => {
    const text = explain(code);
    expect(text.split('\n')[0]).toContain(`${code}: `);
    expect(text).toContain(`exit code ${exit}`);
    expect(text.replaceAll('B-OK', '')).not.toMatch(AVOIDED);
    expect(explain(code.toLowerCase())).toBe(text);
  });

  test.each(exitCodes.map(({ exit }) => exit))('exit code %i', (exit) => {
    const text = explain(String(exit));
    expect(text.split('\n')[0]).toContain(`Exit code ${exit}`);
    expect(text.replaceAll('B-OK', '')).not.toMatch(AVOIDED);
  });

  test('an unknown code is a usage error with a suggestion', () => {
    expect(() => explain('B-INCOMPLET')).toThrow('Did you mean "B-INCOMPLETE"?');
    expect(() => explain('99')).toThrow('There is no exit code 99');
    expect(() => explain('constructor')).toThrow('There is no code');
    expect(() => explain('__proto__')).toThrow('There is no code');
  });
});
