/** Codes that no vector can provoke, each with the reason. A test refuses a row that a vector does provoke. */
export const unprovoked: Readonly<Record<string, string>> = {
  'input-cancelled': 'needs somebody who presses Cancel',
  'input-unreadable': 'needs a disk that fails',
  'trust-too-large': 'needs a trust list of more than four megabytes',
  'allowed-signers-too-long': 'needs a signers file of more than 20,000 lines',
  'approval-time-unreadable': 'times are refused earlier, where the approval is read',
  'legacy-approval-no-archive':
    'an archive without a digest is unreadable, and then approvals are not judged',
  'archive-too-many-documents': 'guards the archive reader; a verification keeps fewer documents than that',
  'proof-unreadable': 'belongs to check-proof, which reads no bundle',
  'proof-false': 'belongs to check-proof, which reads no bundle',
  'proof-other-root': 'belongs to check-proof, which reads no bundle',
  'proof-other-file': 'belongs to check-proof, which reads no bundle',
  'proof-root-unconfirmed': 'belongs to check-proof, which reads no bundle',
};
