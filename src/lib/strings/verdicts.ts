import type { Look, VerdictCode } from '../../core/generated/report';

/** Page of one verdict code. The order is the order of decision (docs/SPEC.md, "Verdict"). */
export interface VerdictPage {
  readonly code: VerdictCode;
  readonly look: Look;
  readonly exit: number;
  readonly when: string;
  readonly meaning: string;
  readonly todo: string;
}

export const verdictPages: readonly VerdictPage[] = [
  {
    code: 'B-UNREADABLE',
    look: 'unreadable',
    exit: 60,
    when: 'The archive or its manifest cannot be read completely and safely.',
    meaning:
      'Nothing is concluded about the contents. The usual cause is an unfinished download; a file that is no bundle, or one that was made to confuse readers, ends here too.',
    todo: 'Get the file again. If the same file fails again, send the report to whoever gave it to you.',
  },
  {
    code: 'B-NEWER',
    look: 'unreadable',
    exit: 60,
    when: 'The bundle says that it uses a format newer than this application knows.',
    meaning: 'Reading it by old rules could miss something that matters, so it is not read at all.',
    todo: 'Update the application, then check the bundle again.',
  },
  {
    code: 'B-CHANGED',
    look: 'rejected',
    exit: 10,
    when: 'Bytes, the list of files, the content root or the checksums contradict each other.',
    meaning:
      'What arrived is not what the manifest describes. Damage in transfer can cause this, and so can editing. No name or role from the bundle is shown, because nothing in it can be relied on.',
    todo: 'Do not use it. Ask the sender for the original and compare the digest of the file with theirs.',
  },
  {
    code: 'B-SIGBAD',
    look: 'rejected',
    exit: 10,
    when: 'A role that is needed has only approvals whose signature does not match what they claim to sign.',
    meaning:
      'The contents fit together, but an approval that names this bundle was not made over it by the key that it shows.',
    todo: 'Ask the approver for the approval file again. If it fails again, ask whether they made it.',
  },
  {
    code: 'B-WITHDRAWN',
    look: 'rejected',
    exit: 12,
    when: 'A role that is needed rests on a key that was withdrawn, or on an approval that was taken back.',
    meaning:
      'A withdrawn key may be in the hands of somebody else. A claimed time of signing does not help, because anybody with the key can claim any time.',
    todo: 'Ask the approver to approve again with their current key.',
  },
  {
    code: 'B-STALE',
    look: 'incomplete',
    exit: 40,
    when: 'There is no usable approval of this bundle, but somebody known approved another version of it.',
    meaning: 'Approvals belong to exact bytes. After any change, however small, they have to be given again.',
    todo: 'Ask for the version that was approved, or have this one approved.',
  },
  {
    code: 'B-NOCHECK',
    look: 'incomplete',
    exit: 14,
    when: 'Approvals exist only in kinds that cannot be checked here, or a check that the rule needs had no data.',
    meaning: 'Not checked is not passed. The bundle may well be in order; it was not established here.',
    todo: 'Give what is missing, named in the findings, or check it with a tool that can.',
  },
  {
    code: 'B-NOSIG',
    look: 'unknown',
    exit: 13,
    when: 'The bundle matches its own file list, and nobody signed it.',
    meaning: 'Anybody can make such a bundle. It is complete and undamaged since packing, nothing more.',
    todo: 'If approvals came as separate files, drop them together with the bundle. Otherwise ask the people responsible to approve it.',
  },
  {
    code: 'B-UNKNOWN',
    look: 'unknown',
    exit: 11,
    when: 'There are approvals, but none for a needed role is from somebody in your trust list.',
    meaning:
      'The signatures match, but anybody can make a key and write any name beside it. Your trust list decides who is who.',
    todo: 'Add the trust list of your organisation, or compare the words of the key with the person by phone.',
  },
  {
    code: 'B-EXPIRED',
    look: 'incomplete',
    exit: 12,
    when: 'Approvals or keys are out of date at the time of this check.',
    meaning:
      'Your rule or the approval itself sets a limit in time, and it has passed. A claimed time of signing does not help.',
    todo: 'Ask the approvers to approve again.',
  },
  {
    code: 'B-INCOMPLETE',
    look: 'incomplete',
    exit: 40,
    when: 'Some needed roles have their approval, others do not.',
    meaning:
      'The contents are unchanged; the approvals that your rule and the bundle ask for are not all there.',
    todo: 'Ask the people named beside the missing roles.',
  },
  {
    code: 'B-NORULE',
    look: 'incomplete',
    exit: 14,
    when: 'People you know signed it, but no rule says whose approval is needed.',
    meaning:
      'Without a rule of yours nothing can be fully approved: the bundle must not decide for itself what it needs.',
    todo: 'Add a trust file with a rule, or choose one of its rules.',
  },
  {
    code: 'B-OK',
    look: 'confirmed',
    exit: 0,
    when: 'Everything that your rule and the bundle ask for was checked and passed.',
    meaning:
      'Every byte is what was signed, and the people whom your rule names approved exactly these bytes. It does not say that the content is safe or correct.',
    todo: 'Save the report together with the bundle.',
  },
];
