import { toolInfo } from '../engine/tool.js';
import { parseCommandLine, type Arguments } from './args.js';
import type { CommandName } from './commands.js';
import { commandHelp, overview } from './help.js';
import type { Io } from './io.js';
import { UsageError } from './usage.js';
import { line } from './words.js';

/** Each command loads only what it needs, so that `--version` and `--help` answer at once. */
const runners: Readonly<Record<CommandName, (args: Arguments, io: Io) => Promise<number>>> = {
  verify: async (args, io) => (await import('./verify.js')).runVerify(args, io),
  inspect: async (args, io) => (await import('./inspect.js')).runInspect(args, io),
  hash: async (args, io) => (await import('./hash.js')).runHash(args, io),
  prove: async (args, io) => (await import('./proofs.js')).runProve(args, io),
  'check-proof': async (args, io) => (await import('./proofs.js')).runCheckProof(args, io),
  'check-record': async (args, io) => (await import('./record.js')).runCheckRecord(args, io),
  build: async (args, io) => (await import('./build.js')).runBuild(args, io),
  init: async (args, io) => (await import('./init.js')).runInit(args, io),
  diff: async (args, io) => (await import('./diff.js')).runDiff(args, io),
  apply: async (args, io) => (await import('./apply.js')).runApply(args, io),
  migrate: async (args, io) => (await import('./migrate.js')).runMigrate(args, io),
  approve: async (args, io) => (await import('./approve.js')).runApprove(args, io),
  'approve prepare': async (args, io) => (await import('./approve.js')).runPrepare(args, io),
  'approve attach': async (args, io) => (await import('./attach.js')).runAttach(args, io),
  'approve status': async (args, io) => (await import('./approveStatus.js')).runStatus(args, io),
  'approve request': async (args, io) => (await import('./documentsToSign.js')).runRequest(args, io),
  'approve withdraw': async (args, io) => (await import('./documentsToSign.js')).runWithdraw(args, io),
  'keys fingerprint': async (args, io) => (await import('./keys.js')).runFingerprint(args, io),
  'keys withdraw': async (args, io) => (await import('./documentsToSign.js')).runWithdrawKey(args, io),
  'trust show': async (args, io) => (await import('./trust.js')).runShow(args, io),
  'trust check': async (args, io) => (await import('./trust.js')).runCheck(args, io),
  'trust import': async (args, io) => (await import('./trust.js')).runImport(args, io),
  'trust export': async (args, io) => (await import('./trust.js')).runExport(args, io),
  lock: async (args, io) => (await import('./project.js')).runLock(args, io),
  drift: async (args, io) => (await import('./project.js')).runDrift(args, io),
  doctor: async (args, io) => (await import('./doctor.js')).runDoctor(args, io),
  routing: async (args, io) => (await import('./doctor.js')).runRouting(args, io),
  'policy hash': async (args, io) => (await import('./policy.js')).runPolicyHash(args, io),
  'policy diff': async (args, io) => (await import('./policy.js')).runPolicyDiff(args, io),
  'policy check': async (args, io) => (await import('./policy.js')).runPolicyCheck(args, io),
  'policy replay': async (args, io) => (await import('./policy.js')).runPolicyReplay(args, io),
  controls: async (args, io) => (await import('./controls.js')).runControls(args, io),
};

/** Runs one command line and answers the exit code. Never throws. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    if (io.signal.aborted) {
      io.err('Interrupted; there is no verdict.\n');
      return 130;
    }
    if (error instanceof UsageError) return usage(error, io);
    io.err(`countersign failed: ${error instanceof Error ? line(error.message) : 'unknown fault'}\n`);
    return 1;
  }
}

async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  const parsed = parseCommandLine(argv);
  if (parsed.kind === 'version') {
    const { version, build } = toolInfo;
    io.out(`countersign ${version} (build ${build}, engine inline, Node ${process.versions.node})\n`);
    return 0;
  }
  if (parsed.kind === 'help') {
    io.out(parsed.command === null ? overview() : commandHelp(parsed.command));
    return 0;
  }
  return runners[parsed.args.command.name](parsed.args, io);
}

function usage(error: UsageError, io: Io): number {
  const help = error.command === null ? 'countersign --help' : `countersign ${error.command} --help`;
  io.err(
    `${error.message
      .split('\n')
      .map((row) => line(row))
      .join('\n')}\nSee "${help}".\n`,
  );
  return 2;
}
