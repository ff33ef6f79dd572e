import type { Finding } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import { say, type Said } from '../messages/say.js';
import { bundleOrder, compareInBundle } from '../archive/writeTar.js';
import type { Reading } from './reading.js';
import { outcome, type CheckContext, type CheckOutcome } from './check.js';

const NAME_CLASSES = new Set(['UNSAFE_PATH', 'DUPLICATE_ENTRY']);
const LIMIT_CLASSES = new Set(['LIMIT_EXCEEDED']);

/** The archive reader reports once; three checks share what it found, each by class. */
export function checkContainer(context: CheckContext): CheckOutcome {
  const { archive } = context.reading;
  const findings = archive.findings.filter(
    (one) => !NAME_CLASSES.has(one.class) && !LIMIT_CLASSES.has(one.class),
  );
  const detail = archive.complete
    ? say('container-read', { files: archive.entries.length, bytes: archive.unpackedBytes })
    : say('container-cut');
  if (!archive.complete && findings.length === 0) return outcome('not-checked', detail);
  return judged(findings, detail);
}

export function checkNames(context: CheckContext): CheckOutcome {
  const { archive } = context.reading;
  const findings = archive.findings.filter((one) => NAME_CLASSES.has(one.class));
  if (!archive.complete && findings.length === 0) return outcome('not-checked', say('names-cut'));
  return judged(findings, say('names-read', { names: archive.entries.length + archive.directories.length }));
}

export function checkLimits(context: CheckContext): CheckOutcome {
  const { archive } = context.reading;
  const findings = archive.findings.filter((one) => LIMIT_CLASSES.has(one.class));
  if (!archive.complete && findings.length === 0) return outcome('not-checked', say('limits-cut'));
  return judged(
    findings,
    say('limits-kept', { bytes: archive.unpackedBytes, files: archive.entries.length }),
  );
}

export function checkManifest({ reading }: CheckContext): CheckOutcome {
  if (reading.manifest !== null) {
    const order = reading.manifest.dialect === 'countersign' ? orderFindings(reading) : [];
    const form = reading.manifestFindings.filter(({ axis }) => axis === 'readable');
    return judged([...form, ...order], say('manifest-read', { dialect: reading.manifest.dialect }));
  }
  if (reading.manifestFindings.length > 0) return judged(reading.manifestFindings, say('manifest-not-read'));
  if (!reading.archive.complete) return outcome('not-checked', say('manifest-not-met'));
  const known = reading.archive.entries.find(({ path }) => path === 'manifest.yaml');
  const missing =
    known === undefined
      ? finding('manifest-missing', {}, { expected: 'manifest.yaml' })
      : finding('manifest-too-big', { size: known.size }, { where: { path: 'manifest.yaml' } });
  return outcome('fail', say('manifest-none'), [missing]);
}

/** Our dialect has one order of entries and none for folders, so that one content has one archive (docs/SPEC.md, "Container"). */
function orderFindings({ archive }: Reading): Finding[] {
  const [folder] = archive.directories;
  if (folder !== undefined) {
    return [
      finding(
        'entries-out-of-order',
        { path: folder },
        { where: { path: folder }, expected: say('no-folder-entry'), found: folder },
      ),
    ];
  }
  const { entries } = archive;
  if (entries.every(({ path }, i) => i === 0 || compareInBundle(entries[i - 1]!.path, path) <= 0)) return [];
  const found = entries.map(({ path }) => path);
  const expected = bundleOrder(found);
  const at = expected.findIndex((path, i) => path !== found[i]);
  if (at < 0) return [];
  const detail = { where: { path: found[at]! }, expected: expected[at]!, found: found[at]! };
  return [finding('entries-out-of-order', { path: found[at]! }, detail)];
}

function judged(findings: readonly Finding[], detail: Said): CheckOutcome {
  if (findings.some(({ severity }) => severity === 'error')) return outcome('fail', detail, findings);
  if (findings.some(({ severity }) => severity === 'warning')) return outcome('warn', detail, findings);
  return outcome('pass', detail, findings);
}
