import { describe, expect, it } from 'vitest';
import type { Rule, Trust } from '../../../src/core/trust/trust.js';
import type { KeyCard } from '../../../src/engine/signer.js';
import { looksLikeAddress, myself, pseudonyms, rolesFor, waitingFor } from '../../../src/lib/view/myRoles.js';

const rule: Rule = {
  name: 'release',
  roles: [
    { role: 'pm', people: ['alice@x.org'], threshold: 1 },
    { role: 'security', people: ['alice@x.org', 'bob'], threshold: 1 },
  ],
  differentPeople: true,
  legacyDialects: false,
  attestations: [],
};
const trust: Trust = {
  people: [
    { id: 'alice@x.org', also: ['pm-7'], keys: [{ kind: 'ssh', fingerprint: 'SHA256:a' }] },
    { id: 'bob', also: [], keys: [{ kind: 'ssh', fingerprint: 'SHA256:b' }] },
  ],
  withdrawn: [],
  rules: [rule],
};
const card = (fingerprint: string, user: string | null): KeyCard => ({ fingerprint, user }) as KeyCard;

describe('who I am', () => {
  it('is told by my keys, and by the names on their cards', () => {
    expect(myself(trust, [card('SHA256:a', null)])).toEqual({
      people: ['alice@x.org'],
      users: ['alice@x.org'],
    });
    expect(myself(trust, [card('SHA256:z', 'pm-7')])).toEqual({
      people: ['alice@x.org'],
      users: ['alice@x.org', 'pm-7'],
    });
    expect(myself(trust, [card('SHA256:z', 'eve')])).toEqual({ people: [], users: ['eve'] });
    expect(myself(null, [])).toEqual({ people: [], users: [] });
  });
});

describe('roles that I can give', () => {
  it('are those of the rule, with the reason when there is none', () => {
    expect(rolesFor('pm-7', trust, rule, [])).toEqual({ roles: ['pm', 'security'], because: null });
    expect(rolesFor('bob', trust, rule, ['pm'])).toEqual({ roles: ['security'], because: null });
    expect(rolesFor('eve', trust, rule, ['pm'])).toEqual({ roles: [], because: 'unknown' });
    expect(rolesFor('bob', trust, { ...rule, roles: rule.roles.slice(0, 1) }, [])).toEqual({
      roles: [],
      because: 'none',
    });
    expect(rolesFor('eve', null, null, ['pm', 'pm'])).toEqual({ roles: ['pm'], because: null });
    expect(rolesFor('eve', null, null, [])).toEqual({ roles: [], because: 'typed' });
  });

  it('wait for me while they are open and not given by me', () => {
    const me = myself(trust, [card('SHA256:a', null)]);
    const open = [
      { role: 'pm', met: [], state: 'missing' as const },
      { role: 'security', met: ['bob'], state: 'met' as const },
    ];
    expect(waitingFor(open, rule, me, [])).toEqual(['pm']);
    expect(waitingFor(open, rule, me, ['pm'])).toEqual([]);
    expect(waitingFor([], rule, me, [])).toEqual(['pm', 'security']);
    expect(waitingFor(open, null, me, [])).toEqual([]);
  });
});

describe('names', () => {
  it('offers other names of the same person only', () => {
    expect(pseudonyms(trust, 'alice@x.org')).toEqual(['pm-7']);
    expect(pseudonyms(trust, 'pm-7')).toEqual(['alice@x.org']);
    expect(pseudonyms(trust, 'eve')).toEqual([]);
    expect([looksLikeAddress(' a@b.org '), looksLikeAddress('pm-7'), looksLikeAddress('a@b')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
