import { hash, randomInt } from 'node:crypto';
import { isAppError } from '../../src/errors.js';
import { openEvents } from '../../src/identity/audit/sealing.js';
import { rememberDevice } from '../../src/identity/defence/knownDevices.js';
import type { PasswordHasher } from '../../src/identity/deps.js';
import type { RequestOrigin } from '../../src/identity/ports.js';
import { createSession } from '../../src/identity/sessions/sessions.js';
import { answerFactor, chooseFactor } from '../../src/identity/signIn/factorStep.js';
import type { SignInOutcome } from '../../src/identity/signIn/outcome.js';
import { beginSignIn } from '../../src/identity/signIn/signIn.js';
import { createTestDeps, storeUser, type TestDeps } from '../../test/support/deps.js';

/** How large the attack is, and what goes on beside it. */
export interface Scale {
  readonly accounts: number;
  readonly addresses: number;
  readonly tries: number;
  /** Accounts whose password the attacker's list has right. */
  readonly reused: number;
  /** Sign-ins of owners at the same time: on devices that they have used, and on new ones. */
  readonly knownDevice: number;
  readonly newDevice: number;
  readonly hours: number;
}

/** By what became of it: `in`, `challenge`, or the code of the refusal. */
export type Tally = Record<string, number>;

export interface SimulationResult {
  readonly attack: Tally;
  /** Of the attack, the tries whose password was right. */
  readonly attackWithRightPassword: Tally;
  readonly ownersOnKnownDevices: Tally;
  /** After whatever they were asked for. */
  readonly ownersOnNewDevices: Tally;
  readonly ownersAskedForCode: number;
  readonly signals: Tally;
  readonly seconds: number;
}

/** Costs next to nothing: what is simulated is who is let in, not how long a hash takes. */
const CHEAP_HASHES: PasswordHasher = {
  hash: async (password) => hash('sha256', password),
  verify: async (stored, password) => ({
    matches: stored === hash('sha256', password),
    needsRehash: false,
  }),
};

const passwordOf = (account: number) => `correct-horse-${account}-battery`;
const emailOf = (account: number) => `owner${account}@example.com`;
/** What happens at the same moment: the database writes it together. */
const AT_ONCE = 32;
const BROWSER = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0';

interface Event {
  readonly kind: 'attack' | 'knownDevice' | 'newDevice';
  readonly number: number;
}

/**
 * Plays a list of leaked credentials against an installation with default defences, from many addresses, while owners
 * sign in; the clock is moved over the hours that it lasts. The attacker keeps no cookie, solves no CAPTCHA and reads
 * nobody's mail. Limits per address at the doors are not part of it: they would only make the attack slower.
 */
export async function simulateStuffing(scale: Scale): Promise<SimulationResult> {
  const test = await createTestDeps({ deps: { passwords: CHEAP_HASHES } });
  try {
    const begun = performance.now();
    const simulation = new Simulation(test, scale);
    await simulation.prepare();
    await simulation.run();
    return {
      ...simulation.result,
      signals: await signalsOf(test),
      seconds: (performance.now() - begun) / 1000,
    };
  } finally {
    await test.close();
  }
}

class Simulation {
  readonly result = {
    attack: {} as Tally,
    attackWithRightPassword: {} as Tally,
    ownersOnKnownDevices: {} as Tally,
    ownersOnNewDevices: {} as Tally,
    ownersAskedForCode: 0,
  };
  private readonly devices = new Map<number, string>();

  constructor(
    private readonly test: TestDeps,
    private readonly scale: Scale,
  ) {}

  /** Every owner has signed in once, at home. */
  async prepare(): Promise<void> {
    const accounts = Array.from({ length: this.scale.accounts }, (_, account) => account);
    for (const some of togetherOf(accounts)) await Promise.all(some.map((one) => this.moveIn(one)));
    this.test.clock.advance(30 * 86_400);
  }

  private async moveIn(account: number): Promise<void> {
    const { deps } = this.test;
    const passwordHash = await deps.passwords.hash(passwordOf(account));
    const user = await storeUser(deps, { email: emailOf(account), passwordHash });
    await createSession(deps, { user, amr: ['pwd'], withCookie: true }, this.home(account));
    const { token } = await rememberDevice(deps, user._id, this.home(account));
    this.devices.set(account, token);
  }

  async run(): Promise<void> {
    const events = this.events();
    const step = (this.scale.hours * 3600) / events.length;
    for (const some of togetherOf(events)) {
      this.test.clock.advance(step * some.length);
      await Promise.all(some.map((event) => this.play(event)));
    }
  }

  private play({ kind, number }: Event): Promise<void> {
    if (kind === 'attack') return this.attack(number);
    return kind === 'knownDevice' ? this.ownerAtHome(number) : this.ownerElsewhere(number);
  }

  private events(): Event[] {
    const { tries, knownDevice, newDevice } = this.scale;
    const of = (kind: Event['kind'], count: number) =>
      Array.from({ length: count }, (_, number): Event => ({ kind, number }));
    const events = [...of('attack', tries), ...of('knownDevice', knownDevice), ...of('newDevice', newDevice)];
    for (let index = events.length - 1; index > 0; index -= 1) {
      const other = randomInt(index + 1);
      const [one, two] = [events[index], events[other]];
      if (one && two) [events[index], events[other]] = [two, one];
    }
    return events;
  }

  /** The list goes round: each account is tried several times, from another address each time. */
  private async attack(number: number): Promise<void> {
    const { accounts, addresses, reused } = this.scale;
    const account = number % accounts;
    const round = Math.floor(number / accounts);
    const isRight = account < reused && round === account % Math.ceil(this.scale.tries / accounts);
    const password = isRight ? passwordOf(account) : `leaked-${number}`;
    const host = randomInt(addresses);
    const origin = this.origin(`198.18.${host >> 8}.${host & 255}`, 'python-requests/2.32');
    const outcome = await this.signIn(account, password, origin);
    const name = typeof outcome === 'string' ? outcome : nameOf(outcome);
    count(this.result.attack, name);
    if (isRight) count(this.result.attackWithRightPassword, name);
  }

  /** Every tenth types the password wrong first. */
  private async ownerAtHome(number: number): Promise<void> {
    const account = number % this.scale.accounts;
    const deviceToken = this.devices.get(account);
    const origin = { ...this.home(account), deviceToken };
    if (number % 10 === 0) await this.signIn(account, 'mistyped', origin);
    const outcome = await this.signIn(account, passwordOf(account), origin);
    count(this.result.ownersOnKnownDevices, typeof outcome === 'string' ? outcome : nameOf(outcome));
  }

  /** On another network with a new browser; whoever is asked for a code looks into their mail. */
  private async ownerElsewhere(number: number): Promise<void> {
    const account = (number * 7) % this.scale.accounts;
    const origin = this.origin(`100.64.${account >> 8}.${account & 255}`, BROWSER);
    const outcome = await this.signIn(account, passwordOf(account), origin);
    if (typeof outcome !== 'string' && outcome.kind === 'factorRequired') {
      this.result.ownersAskedForCode += 1;
      count(this.result.ownersOnNewDevices, await this.typeCode(account, outcome.transaction, origin));
    } else count(this.result.ownersOnNewDevices, typeof outcome === 'string' ? outcome : nameOf(outcome));
  }

  private async typeCode(account: number, transaction: string, origin: RequestOrigin): Promise<string> {
    const { deps } = this.test;
    const context = { origin, binding: 'browser' };
    const chosen = await chooseFactor(deps, { transaction, factorId: 'riskCode' }, context);
    await deps.messages.idle();
    const mail = this.test.mails.findLast(({ to }) => to === emailOf(account));
    const code = /\b\d{6}\b/.exec(mail?.text ?? '')?.[0] ?? '';
    const next = chosen.kind === 'factorRequired' ? chosen.transaction : '';
    return nameOf(await answerFactor(deps, { transaction: next, answer: { code } }, context));
  }

  private async signIn(
    account: number,
    password: string,
    origin: RequestOrigin,
  ): Promise<SignInOutcome | string> {
    const context = { origin, binding: 'browser' };
    try {
      return await beginSignIn(this.test.deps, { identifier: emailOf(account), password }, context);
    } catch (error) {
      if (isAppError(error)) return error.code;
      throw error;
    }
  }

  private home(account: number): RequestOrigin {
    return this.origin(`203.0.${113 + (account >> 8)}.${account & 255}`, BROWSER);
  }

  private origin(address: string, userAgent: string): RequestOrigin {
    return { requestId: 'simulation', address, userAgent };
  }
}

function togetherOf<T>(all: readonly T[]): T[][] {
  const groups = Math.ceil(all.length / AT_ONCE);
  return Array.from({ length: groups }, (_, group) => all.slice(group * AT_ONCE, (group + 1) * AT_ONCE));
}

function nameOf(outcome: SignInOutcome): string {
  if (outcome.kind === 'proved') return 'in';
  return outcome.kind === 'factorRequired' ? 'challenge' : outcome.kind;
}

function count(tally: Tally, name: string): void {
  tally[name] = (tally[name] ?? 0) + 1;
}

async function signalsOf({ deps }: TestDeps): Promise<Tally> {
  const signals: Tally = {};
  const events = await deps.models.auditEvents.find({ action: 'user.assessRisk' }).lean();
  for (const { after } of await openEvents(deps, events)) {
    for (const name of (JSON.parse(after ?? '{}') as { signals?: string[] }).signals ?? []) {
      count(signals, name);
    }
  }
  return signals;
}
