import { hash } from 'node:crypto';
import { addressKey } from '../addressKey.js';
import { isFirst, recall, remember } from '../defence/memory.js';
import type { Deps } from '../deps.js';

type StuffingDeps = Pick<Deps, 'config' | 'ephemeral'>;

/** What failures of late say about an attempt. */
export interface Suspicion {
  /** The address failed at many accounts: it tries a list. */
  readonly address: boolean;
  /** The account failed from many addresses: many machines try it. */
  readonly account: boolean;
  /** Failures of the whole installation are many: a list is tried, however many machines share the work. */
  readonly wave: boolean;
}

/**
 * Notes a failure from a device that the account does not know; each account counts once per address. `account` may be
 * the name of nobody.
 */
export async function noteFailedPair(deps: StuffingDeps, account: string, address: string): Promise<void> {
  const { accountsPerAddress, addressesPerAccount, failuresOfWave, windowSeconds } = deps.config.risk;
  const names = namesOf(account, address);
  const isNew = await isFirst(deps, `risk:pair:${names.account}:${names.address}`, windowSeconds);
  if (!isNew) return;
  await Promise.all([
    countTowards(deps, `address:${names.address}`, accountsPerAddress),
    countTowards(deps, `account:${names.account}`, addressesPerAccount),
    countTowards(deps, 'wave', failuresOfWave),
  ]);
}

/** What is known now; for devices that the account does not know. */
export async function suspicionOf(deps: StuffingDeps, account: string, address: string): Promise<Suspicion> {
  const names = namesOf(account, address);
  const [ofAddress, ofAccount, wave] = await Promise.all([
    isSuspiciousAddress(deps, address),
    recall(deps, `risk:mark:account:${names.account}`),
    recall(deps, 'risk:mark:wave'),
  ]);
  return { address: ofAddress, account: ofAccount !== null, wave: wave !== null };
}

/** Whether an address failed at many accounts of late, whichever of them were anybody's. */
export async function isSuspiciousAddress(deps: StuffingDeps, address: string): Promise<boolean> {
  return (await recall(deps, `risk:mark:address:${digest(addressKey(address))}`)) !== null;
}

async function countTowards(deps: StuffingDeps, name: string, limit: number): Promise<void> {
  const { windowSeconds } = deps.config.risk;
  const { count } = await deps.ephemeral.increment(`risk:count:${name}`, windowSeconds);
  // The mark outlives the window in which it was earned: who goes on stays marked.
  if (count >= limit) await remember(deps, `risk:mark:${name}`, '1', windowSeconds);
}

function namesOf(account: string, address: string): { account: string; address: string } {
  return { account: digest(account), address: digest(addressKey(address)) };
}

function digest(text: string): string {
  return hash('sha256', text, 'base64url');
}
