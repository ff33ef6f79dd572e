const SCRIPTS: readonly (readonly [string, RegExp])[] = [
  ['Latin', /\p{Script=Latin}/u],
  ['Cyrillic', /\p{Script=Cyrillic}/u],
  ['Greek', /\p{Script=Greek}/u],
  ['Armenian', /\p{Script=Armenian}/u],
  ['Hebrew', /\p{Script=Hebrew}/u],
  ['Arabic', /\p{Script=Arabic}/u],
  ['Cherokee', /\p{Script=Cherokee}/u],
  ['Georgian', /\p{Script=Georgian}/u],
];

/** Alphabets with look-alike letters that stand together in `text`, when there is more than one. */
export function mixedScripts(text: string): readonly string[] {
  const found = SCRIPTS.filter(([, letters]) => letters.test(text)).map(([name]) => name);
  return found.length > 1 ? found : [];
}

/** Equal for two names that differ only in case or Unicode form: people could not tell them apart. */
export function foldName(text: string): string {
  return text.normalize('NFKC').toLowerCase().normalize('NFKC');
}

/** Characters that make a name stand for many people in OpenSSH and elsewhere (hostile input T15). */
export function isWildcard(text: string): boolean {
  return /[*?!]/.test(text);
}
