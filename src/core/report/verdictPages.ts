import type { VerdictCode } from '../generated/report.js';

/** The page of one verdict code: the same text in the app, in `--explain` and in docs/reference/exit-codes.md. */
export interface VerdictPage {
  /** In one sentence, for lists. */
  readonly when: string;
  /** What was established. */
  readonly means: string;
  /** Most likely cause first. */
  readonly cause: string;
  readonly action: string;
}

export const verdictPages: Readonly<Record<VerdictCode, VerdictPage>> = {
  'B-UNREADABLE': {
    when: 'The archive or its manifest cannot be read completely and safely.',
    means:
      'The archive or its manifest could not be read safely, so nothing is known about its content: not that it is wrong, and not that it is right. No name or text from it is shown.',
    cause:
      'The file arrived incomplete or is not a bundle. Less often it was made by a faulty packer, or made to confuse readers.',
    action:
      'Ask for the file again and compare its SHA-256 with the sender. If it is larger than the limits and you expect that, use the large limits.',
  },
  'B-NEWER': {
    when: 'The bundle says that it uses a format newer than this application knows.',
    means:
      'The bundle uses a newer format than this program knows. It was not read further, because a rule that this program does not know could change what it means.',
    cause: 'It was made with a newer version.',
    action: 'Update this program, or ask the sender for the bundle in the format that you can read.',
  },
  'B-CHANGED': {
    when: 'Bytes, the list of files, the content root or the checksums contradict each other.',
    means:
      'The bytes contradict what the bundle itself lists: a file differs, is missing or is extra, or a digest does not come out. Whatever was approved, it was not this.',
    cause: 'Damage in transfer or a second packing of edited files. Tampering looks the same.',
    action:
      'Do not use it. Ask the sender for the original and compare the digests. The findings name the place.',
  },
  'B-SIGBAD': {
    when: 'A role that is needed has only approvals whose signature does not match what they claim to sign.',
    means:
      'At least one role that is needed has only approvals whose signature does not belong to this bundle: the mathematics says no.',
    cause:
      'The approval file was edited after signing, for example its role or comment. It can also be a forgery.',
    action: 'Ask the person to approve again, and ask the sender how the file came about.',
  },
  'B-WITHDRAWN': {
    when: 'A role that is needed rests on a key that was withdrawn, or on an approval that was taken back.',
    means:
      'A role that is needed rests on a key that was withdrawn (your trust file says so, or its owner in a signed withdrawal), or on an approval that was taken back.',
    cause:
      'The key was lost or replaced after, or before, the approval was made; or its giver thought better of it.',
    action: 'Ask for a new approval with the current key.',
  },
  'B-STALE': {
    when: 'There is no usable approval of this bundle, but somebody known approved another version of it.',
    means:
      'No approval speaks about these bytes, but a person whom you know approved another state of the same bundle id.',
    cause: 'The bundle was changed or built again after it had been approved.',
    action: 'Ask for the bundle that was approved, or for new approvals of this one.',
  },
  'B-NOCHECK': {
    when: 'Approvals exist only in kinds that cannot be checked here, or a check that the rule needs had no data.',
    means:
      'Something that your rule needs could not be checked here: an external file is absent, or every approval is of a kind that this program cannot judge. It is not counted as passed.',
    cause:
      'Data that travels separately was not given, or the approval is embedded in the archive whose digest it signs.',
    action: 'Read the findings: they name what is missing and how to supply it.',
  },
  'B-NOSIG': {
    when: 'The bundle matches its own file list, and nobody signed it.',
    means:
      'The bundle is complete and matches its own file list, but nobody signed it. Anyone can make such a list.',
    cause: 'The approvals are separate files and were not given.',
    action: 'Ask the sender for the approvals and give them together with the bundle.',
  },
  'B-UNKNOWN': {
    when: 'There are approvals, but none for a needed role is from somebody in your trust list.',
    means:
      'There are true signatures over this content, but no needed role has one from a person in your trust file. A key can claim any name.',
    cause: 'The signer is not in your trust file yet, or you gave none.',
    action:
      'Compare the key words with the person by telephone or in person, then add the key to your trust file.',
  },
  'B-EXPIRED': {
    when: 'Approvals or keys are out of date at the time of this check.',
    means:
      'The approvals are true and by known people, but they or their keys are out of date at the time of judging, and no proven time lies inside the window.',
    cause: 'Time has passed: the rule sets an age limit, or the key has an end date.',
    action:
      'Ask for a new approval. To repeat an older verdict, judge at its time (on the command line with --now).',
  },
  'B-INCOMPLETE': {
    when: 'Some needed roles have their approval, others do not.',
    means:
      'The content is unchanged and some approvals count, but not every role that the rule or the bundle asks for has one.',
    cause:
      'Somebody has not approved yet, or approved in a way that does not count: a weak algorithm, the wrong role, the same person twice.',
    action: 'The roles list says who may give what is missing. Ask them.',
  },
  'B-NORULE': {
    when: 'People you know signed it, but no rule says whose approval is needed.',
    means:
      'Known people signed, but no rule of yours says who must approve. A bundle cannot say that for you.',
    cause: 'The trust file has no rule, or none was chosen.',
    action:
      'Choose a rule of your trust file, or name one there as defaultRule. On the command line: --rule FILE#NAME.',
  },
  'B-OK': {
    when: 'Everything that your rule and the bundle ask for was checked and passed.',
    means:
      'Every byte is what was signed, and every approval that your rule asks for is there, from people in your trust file, with current keys. It says who approved which bytes. It does not say that the content is right or safe.',
    cause: 'Everything that the rule asks for is there.',
    action: 'Save the report with the bundle if somebody may ask later.',
  },
};
