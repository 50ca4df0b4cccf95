import { hash } from 'node:crypto';
import { lockSecondsAfter } from '../accounts/attempts.js';
import { addressKey } from '../addressKey.js';
import type { Deps } from '../deps.js';
import { recall, remember } from './memory.js';

/** Failures of one address are counted together while no more than this has passed since the first. */
const WINDOW_SECONDS = 3600;

type AddressDeps = Pick<Deps, 'clock' | 'config' | 'ephemeral'>;

/** Seconds for which nothing from this address is judged, or null. Devices that an account knows are not asked for it. */
export async function addressLockedSeconds(deps: AddressDeps, address: string): Promise<number | null> {
  const until = await recall(deps, `failures:lock:${nameOf(address)}`);
  if (until === null) return null;
  const seconds = Math.ceil((Number(until) - deps.clock().getTime()) / 1000);
  return seconds > 0 ? seconds : null;
}

/**
 * Counts one failure of an address, whichever account it was about, known or not. Beyond `lockout.addressMaxFailures`
 * the address waits, longer with each further one. A right password lets nothing be forgotten: an attacker has accounts
 * of their own.
 */
export async function countAddressFailure(deps: AddressDeps, address: string): Promise<void> {
  const { lockout } = deps.config;
  const name = nameOf(address);
  const { count } = await deps.ephemeral.increment(`failures:address:${name}`, WINDOW_SECONDS);
  const seconds = lockSecondsAfter(lockout, count, lockout.addressMaxFailures);
  if (seconds === null) return;
  const until = deps.clock().getTime() + seconds * 1000;
  await remember(deps, `failures:lock:${name}`, String(until), seconds);
}

function nameOf(address: string): string {
  return hash('sha256', addressKey(address), 'base64url');
}
