export interface FuzzArgs {
  readonly targets: readonly string[];
  readonly executions: number;
  readonly seconds: number;
  readonly seed: number;
  /** Add the result to `results.json` and write `docs/fuzzing.md` anew. */
  readonly report: boolean;
  /** A saved input to run alone. */
  readonly input: string | null;
}

export const usage = `Usage: node src/tools/run.mjs tests/fuzz/fuzz.ts --target NAME[,NAME] | --target all
  --executions N   stop after so many inputs (default 100000)
  --seconds N      stop after so many seconds, each target (default 20)
  --seed N         of the random numbers; the same seed gives the same inputs (default 1)
  --input FILE     run this saved input only
  --report         add the counts to tests/fuzz/results.json and write docs/fuzzing.md`;

/** Throws a message for the person who typed. */
export function parseArgs(argv: readonly string[], known: readonly string[]): FuzzArgs {
  const given = new Map<string, string>();
  let report = false;
  for (let i = 0; i < argv.length; i++) {
    const name = argv[i]!;
    if (name === '--report') report = true;
    else if (/^--(?:target|executions|seconds|seed|input)$/.test(name) && argv[i + 1] !== undefined)
      given.set(name.slice(2), argv[++i]!);
    else throw new Error(`${name} is not known or lacks its value.\n${usage}`);
  }
  const number = (name: string, otherwise: number): number => {
    const value = Number(given.get(name) ?? otherwise);
    if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} needs a whole number`);
    return value;
  };
  const asked = given.get('target') ?? '';
  const targets = asked === 'all' ? known : asked.split(',').filter((name) => name !== '');
  const wrong = targets.find((name) => !known.includes(name));
  if (targets.length === 0 || wrong !== undefined)
    throw new Error(`${wrong ?? 'No target'}: the targets are ${known.join(', ')}.\n${usage}`);
  return {
    targets,
    executions: number('executions', 100_000),
    seconds: number('seconds', 20),
    seed: number('seed', 1),
    report,
    input: given.get('input') ?? null,
  };
}
