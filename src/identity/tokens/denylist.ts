import { RECENT_MILLISECONDS } from '../../models/readRecently.js';
import type { Revocation, RevocationKind } from '../../models/revocation.js';
import type { Denylist, Deps } from '../deps.js';
import { createWarning } from '../warning.js';
import { CLOCK_MARGIN_SECONDS, longestAccessTokenTtlSeconds } from './lifetimes.js';

const CHANNEL = 'revocations';
const POLL_MILLISECONDS = 1000;
/** Each poll reads again what changed shortly before the last one: replicas' clocks differ, and writes overtake. */
const POLL_OVERLAP_MILLISECONDS = 15_000;

type DenylistDeps = Pick<Deps, 'clock' | 'config' | 'ephemeral' | 'logger' | 'models'>;

interface Mark {
  issuedBefore: number;
  expiresAt: number;
}

export interface RunningDenylist extends Denylist {
  /** What the timer does each second: reads what other replicas denied since, and forgets what has expired. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Loads the marks that are in force and keeps them in step: by message at once, by poll within a second when a
 * message was lost. Without the database the known marks go on to be enforced.
 */
export async function createDenylist(deps: DenylistDeps): Promise<RunningDenylist> {
  const marks = new Map<string, Mark>();
  const pollFailed = createWarning(deps, 'revocations of other replicas are not being read');
  let lastChange = 0;
  /** Of all marks that are compared with the time of issuance. */
  let latest = 0;

  const take = (revocation: Revocation): void => {
    const known = marks.get(revocation._id);
    marks.set(revocation._id, {
      issuedBefore: Math.max(known?.issuedBefore ?? 0, revocation.issuedBefore.getTime()),
      expiresAt: Math.max(known?.expiresAt ?? 0, revocation.expiresAt.getTime()),
    });
    lastChange = Math.max(lastChange, revocation.updatedAt.getTime());
    if (revocation.kind !== 'jti') latest = Math.max(latest, revocation.issuedBefore.getTime());
  };

  const forgetExpired = (): void => {
    const now = deps.clock().getTime();
    for (const [id, mark] of marks) if (mark.expiresAt <= now) marks.delete(id);
  };

  const readChanges = async (): Promise<void> => {
    const since = new Date(Math.min(lastChange, deps.clock().getTime()) - POLL_OVERLAP_MILLISECONDS);
    const changes = await deps.models.revocations
      .find({ updatedAt: { $gt: since }, expiresAt: { $gt: deps.clock() } })
      .lean();
    for (const revocation of changes) take(revocation);
  };

  const refresh = async (): Promise<void> => {
    await readChanges();
    forgetExpired();
  };

  const issuedBefore = (id: string): number => marks.get(id)?.issuedBefore ?? 0;

  /** The latest moment at or before which nothing of this subject, client and session was valid. */
  const lastMark = (token: { sid?: string | undefined; sub: string; clientId: string }): number =>
    Math.max(
      issuedBefore('everything'),
      issuedBefore(`user:${token.sub}`),
      issuedBefore(`client:${token.clientId}`),
      token.sid === undefined ? 0 : issuedBefore(`sid:${token.sid}:${token.clientId}`),
    );

  await readChanges();
  const unsubscribe = await deps.ephemeral.subscribe(CHANNEL, (message) => {
    const revocation = parseMessage(message);
    if (revocation) take(revocation);
  });
  const timer = setInterval(() => void refresh().catch(pollFailed), POLL_MILLISECONDS);
  timer.unref();

  return {
    isDenied(token) {
      if (marks.size === 0) return false;
      if (marks.has(`jti:${token.jti}`)) return true;
      if (token.sid !== undefined && marks.has(`sid:${token.sid}`)) return true;
      return Math.round(token.issuedAtSeconds * 1000) <= lastMark(token);
    },

    issuanceTimeMilliseconds(token) {
      const now = deps.clock().getTime();
      return marks.size === 0 ? now : Math.max(now, lastMark(token) + 1);
    },

    async deny(kind, id, issuedBefore) {
      // Behind a mark that lies ahead, tokens are issued ahead: this one must reach them as well.
      const revocation = await storeMark(deps, kind, id, { issuedBefore, from: latest + 1 });
      take(revocation);
      await deps.ephemeral.publish(CHANNEL, JSON.stringify(revocation)).catch((error: unknown) => {
        deps.logger.warn({ err: error }, 'other replicas learn a revocation by poll');
      });
    },

    refresh,

    async close() {
      clearInterval(timer);
      await unsubscribe();
    },
  };
}

/** `issuedBefore` only ever grows, whichever replica writes last. */
async function storeMark(
  deps: DenylistDeps,
  kind: RevocationKind,
  id: string,
  { issuedBefore: before, from }: { issuedBefore: Date | undefined; from: number },
): Promise<Revocation> {
  const now = deps.clock();
  // Another replica may go by what it knew of a client for as long: what it still issues is refused as well.
  const ahead = kind === 'client' ? RECENT_MILLISECONDS : 0;
  const issuedBefore = before ?? new Date(Math.max(now.getTime() + ahead, from));
  const keepSeconds = longestAccessTokenTtlSeconds(deps.config) + CLOCK_MARGIN_SECONDS;
  const expiresAt = new Date(now.getTime() + keepSeconds * 1000);
  const _id = kind === 'everything' ? kind : `${kind}:${id}`;
  await deps.models.revocations.updateOne(
    { _id },
    { $set: { kind, updatedAt: now }, $max: { issuedBefore, expiresAt } },
    { upsert: true },
  );
  return { _id, kind, issuedBefore, expiresAt, updatedAt: now };
}

function parseMessage(message: string): Revocation | null {
  try {
    const { _id, kind, issuedBefore, expiresAt, updatedAt } = JSON.parse(message) as Record<string, string>;
    const dates = [issuedBefore, expiresAt, updatedAt].map((text) => new Date(text ?? ''));
    const [before, expires, updated] = dates;
    if (!_id || !kind || !before || !expires || !updated) return null;
    if (dates.some((date) => Number.isNaN(date.getTime()))) return null;
    return {
      _id,
      kind: kind as RevocationKind,
      issuedBefore: before,
      expiresAt: expires,
      updatedAt: updated,
    };
  } catch {
    return null;
  }
}
