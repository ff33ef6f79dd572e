import { alice, soloTrust } from '../cast.js';
import {
  approval,
  bundle,
  pack,
  type ApprovalOptions,
  type BundleOptions,
  type Item,
  type Made,
} from '../bundle.js';
import { open } from '../expect.js';
import { utf8, type Octets } from '../raw.js';
import { trustBytes, type TrustRow } from '../trustText.js';
import type { Code, Expected, Vector } from '../vector.js';

/** A bundle whose approvals must not lead to a verdict of confirmed. */
export interface Fault {
  readonly bundle?: BundleOptions;
  readonly evidence?: (made: Made) => readonly Item[];
  readonly trust?: TrustRow | Octets | null;
  readonly allowedSigners?: string;
  readonly now?: string;
  readonly ruleName?: string;
  readonly expect: Expected;
}

export function uncounted(name: string, about: string, fault: Fault): Vector {
  const made = bundle(fault.bundle ?? { roles: ['pm'] });
  const { trust = soloTrust(alice), now, ruleName } = fault;
  const evidence = fault.evidence ?? ((one: Made) => approval(one, { role: 'pm', by: alice }));
  return {
    family: 'forged',
    name,
    about,
    input: pack(made, evidence(made)),
    manifest: made.manifestText,
    trust: trust === null || trust instanceof Uint8Array ? trust : trustBytes(trust),
    ...(fault.allowedSigners === undefined ? {} : { allowedSigners: utf8(fault.allowedSigners) }),
    ...(now === undefined ? {} : { now }),
    ...(ruleName === undefined ? {} : { ruleName }),
    expect: fault.expect,
  };
}

export type Statuses = Readonly<Record<string, string>>;

/** What comes out when the one role is still open. */
export function oneRole(
  code: Code,
  findings: readonly string[],
  checks: Statuses = {},
  more: Partial<Expected> = {},
): Expected {
  return {
    ...open(code, { pm: [] }, [...findings, 'role-missing'], { 'required-roles': 'fail', ...checks }),
    ...more,
  };
}

export const unknown: Statuses = { 'known-signers': 'fail', windows: 'not-applicable' };
/** Alice approves as pm. */
export const pm =
  (options: Partial<ApprovalOptions> = {}) =>
  (made: Made): Item[] =>
    approval(made, { role: 'pm', by: alice, ...options });
