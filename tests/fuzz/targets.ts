import {
  camera,
  openpgpCertificate,
  openpgpPacket,
  openpgpSignature,
  privateKey,
  privateKeyBlob,
  request,
  withdrawal,
} from './approving.js';
import { bundle, bundleSealed, bundleTar } from './bundles.js';
import { gzip, tar } from './containers.js';
import { checksums, json, legacyApproval, manifest, statement, yaml } from './documents.js';
import { signers, sshKey, sshsig, sshsigBlob, trust } from './people.js';
import type { Target } from './target.js';

/** Every parser that meets hostile bytes. */
export const targets: readonly Target[] = [
  gzip,
  tar,
  manifest,
  yaml,
  json,
  sshsig,
  sshsigBlob,
  sshKey,
  trust,
  signers,
  statement,
  legacyApproval,
  checksums,
  request,
  withdrawal,
  camera,
  openpgpSignature,
  openpgpPacket,
  openpgpCertificate,
  privateKey,
  privateKeyBlob,
  bundle,
  bundleTar,
  bundleSealed,
];
