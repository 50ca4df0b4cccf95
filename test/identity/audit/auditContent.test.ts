import { expect } from 'chai';
import { toStoredEvent, withoutSecrets } from '../../../src/identity/audit/auditContent.js';
import type { AuditEntry } from '../../../src/identity/ports.js';

const AT = new Date('2026-03-01T10:00:00.123Z');
const entry = (more: Partial<AuditEntry>): AuditEntry => ({
  action: 'user.update',
  outcome: 'success',
  actor: { kind: 'user', id: 'u1' },
  ...more,
});

describe('the content of an audit entry', () => {
  it('leaves out every secret before and after, at any depth', () => {
    const values = {
      name: 'Ann',
      passwordHash: '$argon2id$v=19$m=8,t=1,p=1$bmVlZGxl$bmVlZGxl',
      secrets: [{ hash: 'needle' }],
      list: [{ token: 'needle', label: 'kept' }],
      website: 'https://ann:needle@ann.example/',
      hasPassword: true,
    };
    const stored = toStoredEvent(entry({ before: values, after: values, reason: 'token=needle' }), AT, 1);
    expect(JSON.stringify(stored)).not.to.match(/needle|bmVlZGxl/);
    expect(JSON.parse(stored.after ?? '')).to.deep.equal({
      name: 'Ann',
      list: [{ label: 'kept' }],
      website: 'https://ann:[masked]@ann.example/',
      hasPassword: true,
    });
  });

  it('leaves the caller’s object as it was', () => {
    const values = { token: 'x', at: AT };
    expect(withoutSecrets(values)).to.deep.equal({ at: AT });
    expect(values).to.have.property('token', 'x');
  });

  it('bounds what a caller controls', () => {
    const origin = { requestId: 'r', address: '::1', userAgent: 'x'.repeat(100_000) };
    const stored = toStoredEvent(entry({ origin, after: { name: 'y'.repeat(100_000) } }), AT, 1);
    expect(stored.userAgent).to.have.length(1024);
    expect(JSON.parse(stored.after ?? '')).to.include({ omitted: 'too long' });
  });

  it('names no mail address where a machine gives the reason', () => {
    const reason = 'mail: 550 no such user <ada@example.com>';
    const stored = toStoredEvent(entry({ actor: { kind: 'system' }, reason }), AT, 1);
    expect(stored.reason).to.equal('mail: 550 no such user <[address]>');
    expect(toStoredEvent(entry({ reason: 'ask ada@example.com' }), AT, 1).reason).to.include('ada@');
  });

  it('gives later events of one millisecond greater ids', () => {
    const ids = Array.from({ length: 500 }, () => toStoredEvent(entry({}), AT, 1)._id);
    expect(ids).to.deep.equal([...ids].sort());
    expect(new Set(ids).size).to.equal(500);
  });

  it('stores absent members as absent, and the moment that it was given', () => {
    const stored = toStoredEvent(entry({ actor: { kind: 'anonymous', id: null } }), AT, 3);
    expect(stored).to.not.have.any.keys('actorId', 'reason', 'before', 'address');
    expect(stored).to.include({ at: AT, count: 3, actorKind: 'anonymous' });
  });
});
