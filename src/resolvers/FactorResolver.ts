import type { RegistrationResponseJSON } from '@simplewebauthn/server';
import { Arg, Ctx, FieldResolver, Int, Mutation, Resolver, Root } from 'type-graphql';
import { type AddedFactor, addFactor, renewRecoveryCodes } from '../identity/factors/addFactor.js';
import { factorName } from '../identity/factors/changes.js';
import { confirmedFactors } from '../identity/factors/factors.js';
import { assertMayChangeFactors } from '../identity/factors/mayChange.js';
import { beginMessageEnrolment, confirmMessageEnrolment } from '../identity/factors/messageCodes.js';
import { beginPasskeyEnrolment, confirmPasskeyEnrolment } from '../identity/factors/passkeys.js';
import { countRecoveryCodes } from '../identity/factors/recoveryCodes.js';
import { endTrust, removeFactor, renameFactor } from '../identity/factors/removeFactor.js';
import { beginTotpEnrolment, confirmTotpEnrolment } from '../identity/factors/totp.js';
import { trustedDevices } from '../identity/factors/trustedDevices.js';
import { assertNoRecoveryCooldown } from '../identity/recovery/cooldown.js';
import { assertOwnHands } from '../identity/sessions/ownHands.js';
import { acrToKeep } from '../identity/signIn/demandedAcr.js';
import { hintOf } from '../identity/signIn/factorOptions.js';
import type { Factor as StoredFactor } from '../models/factor.js';
import type { User as StoredUser } from '../models/user.js';
import { Factor, TrustedDevice } from '../schema/Factor.js';
import {
  AddEmailFactorPayload,
  AddPasskeyInput,
  AddPasskeyOptionsPayload,
  AddPasskeyPayload,
  AddSmsFactorPayload,
  BeginTotpEnrollmentInput,
  BeginTotpEnrollmentPayload,
  ConfirmEmailFactorInput,
  ConfirmEmailFactorPayload,
  ConfirmSmsFactorInput,
  ConfirmSmsFactorPayload,
  ConfirmTotpEnrollmentInput,
  ConfirmTotpEnrollmentPayload,
  ForgetTrustedDevicesInput,
  ForgetTrustedDevicesPayload,
  RegenerateRecoveryCodesPayload,
  RemoveFactorInput,
  RemoveFactorPayload,
  RenameFactorInput,
  RenameFactorPayload,
} from '../schema/factorManagement.js';
import { Requires } from '../schema/governance.js';
import { User } from '../schema/User.js';
import { viewerOf } from './become.js';
import { actorOf, type GraphQLContext } from './context.js';
import { answer } from './errors.js';
import { RateLimited } from './limits/rateLimited.js';

const OWN = { action: 'manageFactors', subject: 'User', target: { from: 'viewer' } } as const;

@Resolver(() => User)
export class FactorResolver {
  @FieldResolver(() => [Factor], {
    nullable: true,
    description: 'By what the user proves who they are beside the password, the oldest first.',
  })
  async factors(@Root() user: StoredUser, @Ctx() { deps }: GraphQLContext): Promise<Factor[]> {
    return (await confirmedFactors(deps, user._id)).map((factor) => shown(user, factor));
  }

  @FieldResolver(() => Int, { nullable: true })
  recoveryCodesLeft(@Root() user: StoredUser, @Ctx() { deps }: GraphQLContext): Promise<number> {
    return countRecoveryCodes(deps, user._id);
  }

  @FieldResolver(() => [TrustedDevice], {
    nullable: true,
    description: 'Browsers that need not show a second factor for a while, the newest first.',
  })
  async trustedDevices(@Root() user: StoredUser, @Ctx() { deps }: GraphQLContext): Promise<TrustedDevice[]> {
    const devices = await trustedDevices(deps, user._id);
    return devices.map(({ _id: id, device, address, createdAt, lastUsedAt, expiresAt }) => ({
      id,
      device,
      address,
      createdAt,
      lastUsedAt,
      expiresAt,
    }));
  }

  @Requires(OWN)
  @Mutation(() => BeginTotpEnrollmentPayload, {
    nullable: true,
    description: 'Makes the seed of an authenticator app, which counts once a code of it is confirmed.',
  })
  beginTotpEnrollment(
    @Arg('input', () => BeginTotpEnrollmentInput) { name }: BeginTotpEnrollmentInput,
    @Ctx() context: GraphQLContext,
  ): Promise<BeginTotpEnrollmentPayload> {
    return answer({ factorId: null, seed: null, otpauthUri: null, qrCodeSvg: null }, async () => {
      const user = await keeperOf(context);
      const { factor, ...shownOnce } = await beginTotpEnrolment(context.deps, user, factorName(name));
      return { factorId: factor._id, ...shownOnce };
    });
  }

  @Requires(OWN)
  @RateLimited('signIn')
  @Mutation(() => ConfirmTotpEnrollmentPayload, { nullable: true })
  confirmTotpEnrollment(
    @Arg('input', () => ConfirmTotpEnrollmentInput) { factorId, code }: ConfirmTotpEnrollmentInput,
    @Ctx() context: GraphQLContext,
  ): Promise<ConfirmTotpEnrollmentPayload> {
    return confirm(context, ({ _id }) => confirmTotpEnrolment(context.deps, _id, factorId, code));
  }

  @Requires(OWN)
  @RateLimited('signIn')
  @Mutation(() => AddEmailFactorPayload, {
    nullable: true,
    description: 'Mails a code to the confirmed address of the account.',
  })
  addEmailFactor(@Ctx() context: GraphQLContext): Promise<AddEmailFactorPayload> {
    return addByMessage(context, 'email');
  }

  @Requires(OWN)
  @RateLimited('signIn')
  @Mutation(() => ConfirmEmailFactorPayload, { nullable: true })
  confirmEmailFactor(
    @Arg('input', () => ConfirmEmailFactorInput) { factorId, code }: ConfirmEmailFactorInput,
    @Ctx() context: GraphQLContext,
  ): Promise<ConfirmEmailFactorPayload> {
    return confirm(context, ({ _id }) => confirmMessageEnrolment(context.deps, _id, factorId, code));
  }

  @Requires(OWN)
  @RateLimited('signIn')
  @Mutation(() => AddSmsFactorPayload, {
    nullable: true,
    description: 'Texts a code to the confirmed number of the account.',
  })
  addSmsFactor(@Ctx() context: GraphQLContext): Promise<AddSmsFactorPayload> {
    return addByMessage(context, 'sms');
  }

  @Requires(OWN)
  @RateLimited('signIn')
  @Mutation(() => ConfirmSmsFactorPayload, { nullable: true })
  confirmSmsFactor(
    @Arg('input', () => ConfirmSmsFactorInput) { factorId, code }: ConfirmSmsFactorInput,
    @Ctx() context: GraphQLContext,
  ): Promise<ConfirmSmsFactorPayload> {
    return confirm(context, ({ _id }) => confirmMessageEnrolment(context.deps, _id, factorId, code));
  }

  @Requires(OWN)
  @Mutation(() => AddPasskeyOptionsPayload, { nullable: true })
  addPasskeyOptions(@Ctx() context: GraphQLContext): Promise<AddPasskeyOptionsPayload> {
    return answer({ options: null }, async () => ({
      options: await beginPasskeyEnrolment(context.deps, await keeperOf(context)),
    }));
  }

  @Requires(OWN)
  @RateLimited('signIn')
  @Mutation(() => AddPasskeyPayload, { nullable: true })
  addPasskey(
    @Arg('input', () => AddPasskeyInput) { name, passkey }: AddPasskeyInput,
    @Ctx() context: GraphQLContext,
  ): Promise<AddPasskeyPayload> {
    const response = passkey as unknown as RegistrationResponseJSON;
    return confirm(context, ({ _id }) =>
      confirmPasskeyEnrolment(context.deps, _id, factorName(name), response),
    );
  }

  @Requires(OWN)
  @Mutation(() => RenameFactorPayload, { nullable: true })
  renameFactor(
    @Arg('input', () => RenameFactorInput) { id, name }: RenameFactorInput,
    @Ctx() context: GraphQLContext,
  ): Promise<RenameFactorPayload> {
    const user = viewerOf(context);
    return answer({ factor: null }, async () => {
      const factor = await renameFactor(context.deps, user, { factorId: id, name }, byOf(context));
      return { factor: shown(user, factor) };
    });
  }

  @Requires(OWN)
  @Mutation(() => RemoveFactorPayload, {
    nullable: true,
    description: 'Ends trusted browsers and sign-ins under way as well.',
  })
  removeFactor(
    @Arg('input', () => RemoveFactorInput) { id }: RemoveFactorInput,
    @Ctx() context: GraphQLContext,
  ): Promise<RemoveFactorPayload> {
    return answer({ user: null }, async () => {
      const user = await keeperOf(context);
      await assertNoRecoveryCooldown(context.deps, user._id);
      const removal = { factorId: id, demandedAcr: await acrToKeep(context.deps, user) };
      await removeFactor(context.deps, user, removal, byOf(context));
      return { user };
    });
  }

  @Requires(OWN)
  @Mutation(() => RegenerateRecoveryCodesPayload, {
    nullable: true,
    description: 'Makes ten new codes; those before are worth nothing from then on.',
  })
  regenerateRecoveryCodes(@Ctx() context: GraphQLContext): Promise<RegenerateRecoveryCodesPayload> {
    return answer({ recoveryCodes: null }, async () => {
      const user = await keeperOf(context);
      await assertNoRecoveryCooldown(context.deps, user._id);
      return { recoveryCodes: await renewRecoveryCodes(context.deps, user, byOf(context)) };
    });
  }

  @Requires(OWN)
  @Mutation(() => ForgetTrustedDevicesPayload, { nullable: true })
  forgetTrustedDevices(
    @Arg('input', () => ForgetTrustedDevicesInput) { id }: ForgetTrustedDevicesInput,
    @Ctx() context: GraphQLContext,
  ): Promise<ForgetTrustedDevicesPayload> {
    return answer({ forgottenCount: 0 }, async () => ({
      forgottenCount: await endTrust(context.deps, viewerOf(context), id ?? null, byOf(context)),
    }));
  }
}

const byOf = (context: GraphQLContext) => ({ actor: actorOf(context), origin: context.origin });

/** The viewer, who has just proved who they are, and whom nobody acts for. @throws AppError STEP_UP_REQUIRED, FORBIDDEN */
async function keeperOf(context: GraphQLContext): Promise<StoredUser> {
  const user = viewerOf(context);
  const { deps, principal } = context;
  await assertOwnHands(deps, principal);
  await assertMayChangeFactors(deps, { userId: user._id, session: principal.session });
  return user;
}

function confirm(
  context: GraphQLContext,
  proof: (user: StoredUser) => Promise<StoredFactor>,
): Promise<ConfirmTotpEnrollmentPayload> {
  return answer({ factor: null, recoveryCodes: null, user: null }, async () => {
    const user = await keeperOf(context);
    const added: AddedFactor = await addFactor(context.deps, user, () => proof(user), byOf(context));
    return { factor: shown(user, added.factor), recoveryCodes: added.recoveryCodes, user };
  });
}

function addByMessage(context: GraphQLContext, kind: 'email' | 'sms'): Promise<AddEmailFactorPayload> {
  return answer({ factorId: null, hint: null }, async () => {
    const user = await keeperOf(context);
    const factor = await beginMessageEnrolment(context.deps, user, kind);
    return { factorId: factor._id, hint: hintOf(user, kind) };
  });
}

function shown(user: StoredUser, factor: StoredFactor): Factor {
  const { _id: id, kind, name, createdAt, backedUp = null, lastUsedAt = null } = factor;
  return { id, kind, name, hint: hintOf(user, kind), backedUp, createdAt, lastUsedAt };
}
