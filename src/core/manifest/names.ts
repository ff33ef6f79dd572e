import type { Dialect } from '../generated/report.js';

const OUR_APPROVAL =
  /^approvals\/([a-z][a-z0-9-]{0,31}-[1-9][0-9]{0,3})\.json(\.sig|\.asc|\.sigstore\.json|\.tsr)?$/;
const OUR_ATTESTATION = /^attestations\/[a-z0-9][a-z0-9-]{0,63}\.sigstore\.json$/;
const LEGACY_APPROVAL = /^approvals\/[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?!\.)){0,127}\.json$/;
const LEGACY_ATTESTATIONS: Readonly<Record<Dialect, readonly string[]>> = {
  countersign: [],
  'specular-cli': ['attestations/attestation.yaml'],
  'specular-planned': ['attestations/attestation.yaml', 'attestations/sigstore.json'],
};

/** Paths that `files[]` never lists, with the folders that hold what is signed over the manifest. */
export const MANIFEST_PATH = 'manifest.yaml';
export const CHECKSUMS_PATH = 'checksums.txt';
export const EVIDENCE_FOLDERS = ['approvals/', 'attestations/'] as const;

/** True for a name that `approvals/` may hold in this dialect. The name itself carries no meaning. */
export function isApprovalName(path: string, dialect: Dialect): boolean {
  return (dialect === 'countersign' ? OUR_APPROVAL : LEGACY_APPROVAL).test(path);
}

/** True for a name that `attestations/` may hold in this dialect. */
export function isAttestationName(path: string, dialect: Dialect): boolean {
  return dialect === 'countersign' ? OUR_ATTESTATION.test(path) : LEGACY_ATTESTATIONS[dialect].includes(path);
}

/** docs/SPEC.md, "Manifest": what may stand in the two signature folders; anything else is an unlisted file. */
export function isAllowedEvidenceName(path: string, dialect: Dialect): boolean {
  return isApprovalName(path, dialect) || isAttestationName(path, dialect);
}

/** True for a path that a manifest must not list: it would make a digest depend on itself, or hide evidence. */
export function isReservedPath(path: string): boolean {
  return (
    path === MANIFEST_PATH ||
    path === CHECKSUMS_PATH ||
    EVIDENCE_FOLDERS.some((folder) => path.startsWith(folder))
  );
}
