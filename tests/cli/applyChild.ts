import { statSync } from 'node:fs';
import {
  contentOf,
  decideApply,
  INFO_PATH,
  planApply,
  previousOf,
  type ApplyDecision,
} from '../../src/core/apply.js';
import { readEntries } from '../../src/core/archive/rewrite.js';
import { limitsProfiles } from '../../src/core/limits.js';
import { createInlineEngine } from '../../src/engine/inline.js';
import { nodePlatform, sourceOfFile } from '../../src/platform/node.js';
import { lookAt, recordOf } from '../../src/platform/nodeLook.js';
import { finishApply, rollBack, undoApply, unfinishedIn, writeApply } from '../../src/platform/nodeWrite.js';
import { NOW } from './run.js';

/**
 * One process that dies: `applyChild OPERATION DIR BUNDLE N` does the operation and kills itself at its N-th named
 * point; with N = 0 it lives and prints how many points it passed. `applyChild cli …` is the command line itself.
 */
const [operation = '', dir = '', bundle = '', stop = '0'] = process.argv.slice(2);
let passed = 0;

function at(): void {
  passed += 1;
  if (passed === Number(stop)) process.kill(process.pid, 'SIGKILL');
}

async function decided(): Promise<{ decision: ApplyDecision; sha256: string }> {
  const engine = createInlineEngine(nodePlatform(), { withoutControls: true });
  const source = sourceOfFile(bundle);
  const report = await engine.verify({ inputs: [{ name: 'b', source }], loose: [], now: NOW });
  const input = report.inputs[0]!;
  const { info } = recordOf(dir);
  const content = contentOf(input);
  const paths = [...content.files.map(({ path }) => path), ...previousOf(info).keys(), INFO_PATH];
  const view = lookAt(dir, paths);
  const choices = { input, rule: null, tool: report.tool, at: NOW, reason: 'a test', previous: info };
  const plan = planApply(content, { view, info });
  const decision = decideApply(plan, view, { ...choices, writes: () => true }, nodePlatform());
  return { decision: decision!, sha256: (input.archiveDigest ?? '').slice(7) };
}

async function run(): Promise<void> {
  if (!statSync(dir).isDirectory()) throw new Error('no folder');
  if (operation === 'rollback') {
    rollBack(dir, at);
    return;
  }
  const open = unfinishedIn(dir);
  if (open !== null && !('findings' in open)) {
    if (operation === 'finish') finishApply(dir, open, at);
    else undoApply(dir, open, at);
    return;
  }
  if (operation !== 'apply') return;
  const { decision, sha256 } = await decided();
  const entries = readEntries(sourceOfFile(bundle), {
    platform: nodePlatform(),
    limits: limitsProfiles.default,
    archiveSha256: sha256,
  });
  await writeApply(dir, decision, entries, { at });
}

if (operation === 'cli') {
  process.argv.splice(2, 1);
  await import('../../src/cli/countersign.js');
} else {
  await run();
  console.log(passed);
}
