import type { Access, Decision } from './decision.js';

/** Hears what a principal's access is asked. Must not throw. */
export interface AccessWatcher {
  decided(
    action: string,
    subject: string,
    field: string,
    object: object | null,
    code: Decision['code'],
  ): void;
  foreseen(action: string, subject: string, field: string | null, possible: boolean): void;
  wrote(
    action: string,
    subject: string,
    field: string,
    before: object | null,
    after: object,
    code: Decision['code'],
  ): void;
}

/** The same rights, with somebody listening; asked through `unwatched`, nobody does. */
export function watchAccess(access: Access, watcher: AccessWatcher): Access {
  const watched: Pick<Access, 'decide' | 'mayEver' | 'filter' | 'refusedFields' | 'unwatched'> = {
    unwatched: access,
    decide(action, subject, object, field) {
      const decision = access.decide(action, subject, object, field);
      watcher.decided(action, subject, field, object, decision.code);
      return decision;
    },
    mayEver(action, subject, field) {
      const possible = access.mayEver(action, subject, field);
      watcher.foreseen(action, subject, field ?? null, possible);
      return possible;
    },
    filter(action, subject, field = 'id') {
      watcher.foreseen(action, subject, field, access.mayEver(action, subject, field));
      return access.filter(action, subject, field);
    },
    refusedFields(action, subject, before, after, fields) {
      const refused = access.refusedFields(action, subject, before, after, fields);
      for (const field of fields) {
        watcher.wrote(action, subject, field, before, after, refused.get(field)?.code ?? 'ALLOWED');
      }
      return refused;
    },
  };
  return new Proxy(access, {
    get(target, key) {
      if (key in watched) return watched[key as keyof typeof watched];
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
