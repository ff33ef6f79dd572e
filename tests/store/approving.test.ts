import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, it } from 'vitest';
import { prepareApproval } from '../../src/core/approve.js';
import { newDraft } from '../../src/lib/state/approveFlow.js';
import {
  approvingDatabase,
  openApprovingStore,
  type About,
  type Receipt,
} from '../../src/store/approving.js';
import { readDraft, readReceipt } from '../../src/store/approvingRecord.js';
import { eraseDatabase, openDatabase } from '../../src/store/database.js';
import { alice } from '../vectorgen/cast.js';
import { sshsig } from '../vectorgen/keys.js';

const about: About = {
  archiveDigest: `sha256:${'aa'.repeat(32)}`,
  bundleDigest: `sha256:${'bb'.repeat(32)}`,
  contentRoot: `sha256:${'cc'.repeat(32)}`,
  id: 'acme/api',
  version: '1.0.0',
  dialect: 'countersign',
  name: 'a.sbundle.tgz',
};
const AT = '2026-11-21T04:00:00Z';
const made = prepareApproval(about, { role: 'pm', user: alice.id, decision: 'approved', signedAt: AT });
const statement = 'statement' in made ? made.statement : new Uint8Array();
const draft = newDraft('d1', about, ['who'], {}, AT);
const receipt = (id: string): Receipt => ({
  id,
  about,
  statement,
  signature: { kind: 'sshsig', bytes: sshsig(alice.key, statement) },
  key: { fingerprint: 'SHA256:x', words: '', kind: 'openssh', label: 'k' },
  own: 'true',
  second: 'agrees',
  at: AT,
  noted: { library: false, log: false },
});

beforeEach(() => eraseDatabase(approvingDatabase));

describe('decisions under way', () => {
  it('outlive the page, newest first', async () => {
    const store = await openApprovingStore();
    await store.keepDraft(draft);
    await store.keepDraft({ ...draft, id: 'd2', changedAt: '2026-11-21T05:00:00Z' });
    const later = await openApprovingStore();
    expect((await later.drafts()).map(({ id }) => id)).toEqual(['d2', 'd1']);
    await later.dropDraft('d2');
    expect(await store.draft('d2')).toBeNull();
  });

  it('become a receipt in one step: never both, never neither', async () => {
    const store = await openApprovingStore();
    await store.keepDraft(draft);
    const unstorable = {
      ...receipt('r'),
      key: { ...receipt('r').key, label: (() => 'x') as unknown as string },
    };
    await expect(store.finish('d1', unstorable)).rejects.toThrow();
    expect([await store.draft('d1'), await store.receipt('r')]).toEqual([draft, null]);
    await store.finish('d1', receipt('r'));
    expect([await store.draft('d1'), await store.receipt('r')]).toEqual([null, receipt('r')]);
  });

  it('signed in two tabs are two receipts', async () => {
    const [one, two] = [await openApprovingStore(), await openApprovingStore()];
    await one.keepDraft(draft);
    await Promise.all([one.finish('d1', receipt('r1')), two.finish('d1', receipt('r2'))]);
    expect((await one.receipts()).map(({ id }) => id).sort()).toEqual(['r1', 'r2']);
    expect(await two.drafts()).toEqual([]);
  });

  it('do what follows a signature once, whichever tab comes first, and again after a failure', async () => {
    const [one, two] = [await openApprovingStore(), await openApprovingStore()];
    await one.finish('none', receipt('r'));
    let done = 0;
    const work = async (): Promise<void> => void (done += 1);
    await expect(one.noteOnce('r', 'log', () => Promise.reject(new Error('killed')))).rejects.toThrow(
      'killed',
    );
    expect((await one.receipt('r'))?.noted.log).toBe(false);
    await Promise.all([one.noteOnce('r', 'log', work), two.noteOnce('r', 'log', work)]);
    expect(done).toBe(1);
    expect((await two.receipt('r'))?.noted).toEqual({ library: false, log: true });
  });

  it('that were changed by hand are named and not used', async () => {
    const store = await openApprovingStore();
    await store.keepDraft(draft);
    await store.finish('none', receipt('r'));
    const database = await openDatabase(approvingDatabase);
    await database.write([
      { table: 'drafts', key: 'd1', value: { ...draft, step: 'sign', statement: new Uint8Array([1]) } },
      { table: 'receipts', key: 'r', value: { ...receipt('r'), about: { ...about, version: '2.0.0' } } },
    ]);
    expect(await store.drafts()).toEqual([]);
    expect(await store.receipts()).toEqual([]);
    const damaged = await store.damaged();
    expect(damaged.map(({ table, finding }) => [table, finding.code])).toEqual([
      ['drafts', 'approve-record-damaged'],
      ['receipts', 'approve-record-damaged'],
    ]);
    for (const one of damaged) await store.dropDamaged(one);
    expect(await store.damaged()).toEqual([]);
  });
});

describe('records', () => {
  it('are refused when one field is gone or of another kind', () => {
    const signing = { ...draft, step: 'sign', statement };
    expect(readDraft('d1', signing)).not.toBeNull();
    expect(readDraft('other', signing)).toBeNull();
    for (const field of Object.keys(signing)) expect(readDraft('d1', { ...signing, [field]: 7 })).toBeNull();
    expect(readDraft('d1', { ...signing, statement: null })).toBeNull();
    for (const field of Object.keys(receipt('r')))
      expect(readReceipt('r', { ...receipt('r'), [field]: 7 })).toBeNull();
    expect(readReceipt('r', null)).toBeNull();
  });

  it('whose statement is about another bundle or file are refused', () => {
    const file = { path: 'a.yaml', sha256: 'dd'.repeat(32) };
    expect(readReceipt('r', { ...receipt('r'), about: { ...about, file } })).toBeNull();
    const other = prepareApproval(
      { ...about, contentRoot: about.bundleDigest },
      { role: 'pm', user: 'a', decision: 'approved', signedAt: AT },
    );
    expect(
      readDraft('d1', { ...draft, step: 'sign', statement: 'statement' in other && other.statement }),
    ).toBeNull();
  });
});
