import type { Finding, InputReport, Says } from '../generated/report.js';
import { render, valuesOf, type Language } from '../messages/say.js';

/**
 * A report for reading in another language: every text that names its sentence is rendered again, all else is as it
 * was. For the eye alone: what is saved, kept or judged again is the report in English.
 */
export function inputIn(language: Language, input: InputReport): InputReport {
  const said = <T extends { readonly says?: Says }>(one: T): T => textsIn(language, one);
  return {
    ...input,
    verdict: said(input.verdict),
    checks: input.checks.map(said),
    findings: input.findings.map((one) => findingIn(language, one)),
    approvals: input.approvals.map(said),
    commands: input.commands.map(said),
  };
}

/** A finding by its code and parameters; one that the language does not know is left as it is. */
export function findingIn(language: Language, one: Finding): Finding {
  if (!Object.hasOwn(language.findings, one.code)) return one;
  const values = valuesOf(one);
  const field = (name: 'message' | 'cause' | 'action'): string =>
    render({ code: `${one.code}.${name}`, values }, language);
  const { expected, found } = one.says ?? {};
  return {
    ...one,
    message: field('message'),
    cause: field('cause'),
    action: field('action'),
    ...(expected === undefined ? {} : { expected: render(expected, language) }),
    ...(found === undefined ? {} : { found: render(found, language) }),
  };
}

/** The texts of one part of a report that name their sentences. */
export function textsIn<T extends { readonly says?: Says }>(language: Language, one: T): T {
  const texts = Object.entries(one.says ?? {}).filter(([field]) => Object.hasOwn(one, field));
  return { ...one, ...Object.fromEntries(texts.map(([field, saying]) => [field, render(saying, language)])) };
}
