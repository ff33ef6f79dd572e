import {
  checkTyped,
  readRaw,
  step,
  type DocumentSource,
  type RawDocument,
} from '../documents/readDocument.js';
import type { ExecutionPolicyDocument } from '../generated/policy.js';
import type { Finding } from '../generated/report.js';
import type { RoutingDocument } from '../generated/routing.js';
import { validate as validateRouting } from '../generated/routing.validate.js';
import type { RunManifestDocument } from '../generated/run-manifest.js';
import { validate as validateRun } from '../generated/run-manifest.validate.js';
import { finding } from '../messages/finding.js';
import { isMap } from './readPolicy.js';

export interface PolicyCheck {
  readonly kind: 'routing' | 'run-manifest' | null;
  readonly findings: readonly Finding[];
}

/** Applies an execution policy to a routing file or a run manifest, told by content. Attacker-controlled; never throws. */
export function checkAgainst(policy: ExecutionPolicyDocument, source: DocumentSource): PolicyCheck {
  const raw = readRaw(source);
  if ('findings' in raw) return { kind: null, findings: raw.findings };
  const { value } = raw;
  if (isMap(value) && Object.hasOwn(value, 'providers')) return checkRouting(policy, raw);
  if (isMap(value) && Object.hasOwn(value, 'runner')) return checkRun(policy, raw);
  return { kind: null, findings: [finding('document-kind', {}, { where: { file: source.name } })] };
}

/** A literal key: neither empty nor the name of a variable. */
export function isLiteralKey(key: string): boolean {
  return key !== '' && !/^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/.test(key);
}

function checkRouting(policy: ExecutionPolicyDocument, raw: RawDocument): PolicyCheck {
  const read = checkTyped<RoutingDocument>(raw, validateRouting);
  if ('findings' in read) return { kind: null, findings: read.findings };
  const { document, placeOf } = read;
  const allowed = policy.routing?.allow_models;
  const findings: Finding[] = [];
  document.providers.forEach(({ name, models, enabled, api_key }, at) => {
    const pointer = `/providers${step(at)}`;
    if (isLiteralKey(api_key ?? ''))
      findings.push(
        finding('policy-literal-key', { provider: name }, { where: placeOf(`${pointer}/api_key`) }),
      );
    if (!enabled || allowed === undefined) return;
    const names = allowed.filter(({ provider }) => provider === name).flatMap(({ names }) => names);
    for (const [use, model] of Object.entries(models)) {
      if (names.includes(model)) continue;
      const where = placeOf(`${pointer}/models${step(use)}`);
      findings.push(finding('policy-model-forbidden', { provider: name, model }, { where }));
    }
  });
  const fallback = document.fallback_model;
  const known = allowed?.flatMap(({ names }) => names);
  if (fallback !== undefined && known !== undefined && !known.includes(fallback)) {
    const where = placeOf('/fallback_model');
    findings.push(finding('policy-model-forbidden', { provider: 'fallback', model: fallback }, { where }));
  }
  return { kind: 'routing', findings };
}

function checkRun(policy: ExecutionPolicyDocument, raw: RawDocument): PolicyCheck {
  const read = checkTyped<RunManifestDocument>(raw, validateRun);
  if ('findings' in read) return { kind: null, findings: read.findings };
  const { runner, image, command } = read.document;
  const { allow_local, docker } = policy.execution ?? {};
  const findings: Finding[] = [];
  const violation = (field: string, rule: string, found: string): void => {
    findings.push(finding('policy-violated', { rule }, { where: read.placeOf(field), found }));
  };
  const local = runner !== 'docker';
  if (local && (allow_local !== true || docker?.required === true))
    violation('/runner', 'execution.allow_local', runner);
  const list = docker?.image_allowlist;
  if (!local && list !== undefined && !imageAllowed(list, image ?? '')) {
    violation('/image', 'execution.docker.image_allowlist', image ?? 'no image');
  }
  const tool = command[0] ?? '';
  if (policy.routing?.deny_tools?.includes(tool)) violation('/command/0', 'routing.deny_tools', tool);
  return { kind: 'run-manifest', findings };
}

/** Exact, `name:*`, or a prefix with `*`. */
export function imageAllowed(allowlist: readonly string[], image: string): boolean {
  return allowlist.some((entry) =>
    entry.endsWith('*')
      ? image.length >= entry.length && image.startsWith(entry.slice(0, -1))
      : image === entry,
  );
}

/** True when every image that `entry` allows is allowed by the list; `entry` may be a pattern itself. */
export function imageCovered(allowlist: readonly string[], entry: string): boolean {
  const prefix = entry.endsWith('*') ? entry.slice(0, -1) : null;
  return allowlist.some((mine) => {
    if (mine === entry) return true;
    if (!mine.endsWith('*')) return false;
    const start = mine.slice(0, -1);
    return prefix === null
      ? entry.length >= mine.length && entry.startsWith(start)
      : prefix.startsWith(start);
  });
}
