import type { Finding } from '../../generated/report.js';
import { finding } from '../../messages/finding.js';
import { readBlocks, type CertificateBlock } from './blocks.js';
import { nameKeyBody, type KeyName } from './key.js';

/** One certificate in a file: its names are read, its signatures are not calculated before it is needed. */
export interface NamedBlock {
  readonly name: KeyName;
  readonly block: CertificateBlock;
}

export type NamedBlocksRead =
  { readonly blocks: readonly NamedBlock[] } | { readonly findings: readonly Finding[] };

/** The certificates of one file, by name. `bytes` is attacker-controlled; `file` is how people know it; never throws. */
export function readNamedBlocks(bytes: Uint8Array, file: string): NamedBlocksRead {
  const where = { file };
  const unreadable = (problem: string): NamedBlocksRead => ({
    findings: [finding('openpgp-certificate-unreadable', { file, problem }, { where })],
  });
  const read = readBlocks(bytes);
  if (!('blocks' in read)) {
    return read.limit === undefined
      ? unreadable(read.problem ?? '')
      : { findings: [{ ...read.limit, where }] };
  }
  const blocks = read.blocks.flatMap((block) => {
    const name = nameKeyBody(block.primary);
    return name === null ? [] : [{ name, block }];
  });
  return blocks.length < read.blocks.length
    ? unreadable('a key in it has a version that is not read')
    : { blocks };
}
