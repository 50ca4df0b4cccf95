import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { hashEntry } from '../../../src/identity/audit/entryHash.js';
import type { AuditEvent } from '../../../src/models/auditEvent.js';

const EVENT: Omit<AuditEvent, 'hash'> = {
  _id: '01a1fcff-8798-71e8-8de4-1bd5ec58d7ba',
  at: new Date('2026-03-01T10:00:00.000Z'),
  action: 'user.lock',
  outcome: 'success',
  actorKind: 'user',
  actorId: 'u1',
  fields: ['status'],
  count: 1,
  chain: '2026-03-01:writer',
  sequence: 3,
  previousHash: '0'.repeat(64),
};

/** Written out from the documentation, not by the code. */
const FIRST_FORM =
  `"2026-03-01:writer",3,"${'0'.repeat(64)}","01a1fcff-8798-71e8-8de4-1bd5ec58d7ba",` +
  `"2026-03-01T10:00:00.000Z","user.lock","success",null,"user","u1",null,null,null,null,["status"],null,null,` +
  `null,null,null,1`;

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('the hash of an audit entry', () => {
  it('of an event from before there were encrypted parts or actors is what it was', () => {
    expect(hashEntry(EVENT)).to.equal(sha256(`["fieldgate-audit-1",${FIRST_FORM}]`));
    expect(hashEntry({ ...EVENT, sealed: [], actedBy: null })).to.equal(hashEntry(EVENT));
  });

  it('of an event with encrypted parts is what it was', () => {
    const sealed = [{ subject: 'u1', names: ['address'], text: 'v1.AAAA' }];
    const form = `["fieldgate-audit-2",${FIRST_FORM},[["u1",["address"],"v1.AAAA"]]]`;
    expect(hashEntry({ ...EVENT, sealed })).to.equal(sha256(form));
  });

  it('covers who acted, with and without encrypted parts', () => {
    const actedBy = ['client:orders', 'user:u2'];
    const named = '["client:orders","user:u2"]';
    expect(hashEntry({ ...EVENT, actedBy })).to.equal(
      sha256(`["fieldgate-audit-3",${FIRST_FORM},[],${named}]`),
    );
    const sealed = [{ subject: 'u1', names: ['address'] }];
    expect(hashEntry({ ...EVENT, sealed, actedBy })).to.equal(
      sha256(`["fieldgate-audit-3",${FIRST_FORM},[["u1",["address"],null]],${named}]`),
    );
  });
});
