import type { Session } from '../../models/session.js';
import type { User } from '../../models/user.js';
import { addressKey } from '../addressKey.js';
import { recogniseDevice } from '../defence/knownDevices.js';
import type { Deps } from '../deps.js';
import type { RequestOrigin } from '../ports.js';
import { isKnownBreached } from './breachedRanges.js';
import { kilometresBetween } from './places.js';
import { suspicionOf } from './stuffing.js';

export type RiskDeps = Pick<Deps, 'clock' | 'config' | 'ephemeral' | 'logger' | 'models' | 'places'>;

export type RiskSignal = keyof Deps['config']['risk']['weights'];

/** Places are known to some ten kilometres; below this no journey is impossible. */
const LEAST_KILOMETRES = 200;
/** Sign-ins that a device without cookies is looked for in. */
const LOOKED_AT = 20;

type Earlier = Pick<Session, 'address' | 'authenticatedAt' | 'device'>;

/** By what somebody proved who they are, and who that is. */
export interface FirstProof {
  readonly user: User;
  /** Absent where it was something else. */
  readonly password?: string;
  /** A key that verified its user: on no list, and nothing that strangers try. */
  readonly byPasskey?: boolean;
}

/** Everything that speaks against a right first proof. */
export async function collectSignals(
  deps: RiskDeps,
  { user, password, byPasskey = false }: FirstProof,
  origin: RequestOrigin,
): Promise<RiskSignal[]> {
  const known = (await recogniseDevice(deps, user._id, origin.deviceToken)) !== null;
  const guessable = !known && !byPasskey;
  const [earlier, breachedPassword, suspicion] = await Promise.all([
    earlierSignIns(deps, user._id),
    password !== undefined && isKnownBreached(deps, password),
    suspicionOf(deps, `account:${user._id}`, origin.address),
  ]);
  const found: Record<RiskSignal, boolean> = {
    newDevice: !known && isNewDevice(earlier, origin),
    impossibleTravel: isImpossibleTravel(deps, earlier[0], origin),
    breachedPassword,
    // What strangers do in the same network, or to the same account, says nothing about a device that is known, nor about a key.
    stuffingAddress: guessable && suspicion.address,
    accountUnderAttack: guessable && suspicion.account,
    stuffingWave: guessable && suspicion.wave,
  };
  return (Object.keys(found) as RiskSignal[]).filter((signal) => found[signal]);
}

/** Whether an account was entered before, but never from this network with this program: where there are no cookies. */
export async function isNewHere(
  deps: Pick<Deps, 'models'>,
  userId: string,
  origin: RequestOrigin,
): Promise<boolean> {
  return isNewDevice(await earlierSignIns(deps, userId), origin);
}

/** The newest first. */
function earlierSignIns(deps: Pick<Deps, 'models'>, userId: string): Promise<Earlier[]> {
  return deps.models.sessions
    .find({ userId })
    .sort({ createdAt: -1, _id: -1 })
    .limit(LOOKED_AT)
    .select('address authenticatedAt device')
    .lean<Earlier[]>();
}

/** A program without cookies is told by its name and network. The first sign-in of all is none from a new device. */
function isNewDevice(earlier: readonly Earlier[], { address, userAgent }: RequestOrigin): boolean {
  if (earlier.length === 0) return false;
  const network = addressKey(address);
  return !earlier.some((one) => addressKey(one.address) === network && one.device.userAgent === userAgent);
}

function isImpossibleTravel(deps: RiskDeps, last: Earlier | undefined, origin: RequestOrigin): boolean {
  if (!last) return false;
  const here = deps.places.placeOf(origin.address);
  const there = deps.places.placeOf(last.address);
  if (!here || !there) return false;
  const kilometres = kilometresBetween(here, there);
  const hours = Math.max(0, deps.clock().getTime() - last.authenticatedAt.getTime()) / 3_600_000;
  return kilometres > LEAST_KILOMETRES && kilometres > hours * deps.config.risk.travelSpeedKmh;
}
