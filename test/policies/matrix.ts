/** For each type, an object that belongs to the principal `me`, and one that does not. */
export const OBJECTS: Readonly<Record<string, (role: string) => { own: object; foreign: object }>> = {
  User: () => ({ own: { _id: 'me' }, foreign: { _id: 'other' } }),
  Session: () => ({ own: { _id: 's', userId: 'me' }, foreign: { _id: 's', userId: 'other' } }),
  RefreshFamily: () => ({ own: { _id: 'f', userId: 'me' }, foreign: { _id: 'f', userId: 'other' } }),
  Client: () => ({ own: { _id: 'c', ownerId: 'me' }, foreign: { _id: 'c', ownerId: 'other' } }),
  AuditEvent: () => ({ own: { _id: 'e', actorId: 'me' }, foreign: { _id: 'e', actorId: 'other' } }),
  PolicyVersion: () => ({ own: { _id: 1 }, foreign: { _id: 2 } }),
  Decision: () => ({ own: { _id: 'd' }, foreign: { _id: 'd' } }),
  Role: (role) => ({ own: { _id: role }, foreign: { _id: 'another' } }),
};
