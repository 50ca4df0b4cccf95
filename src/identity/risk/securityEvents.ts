/** Audit events that say that something spoke against whoever acted. */
export const RISK_ACTIONS: readonly string[] = ['user.assessRisk', 'user.newDevice', 'session.otherDevice'];

/** Audit events that the owner of an account looks through to see whether all of it was them. */
export const SECURITY_ACTIONS: readonly string[] = [
  ...RISK_ACTIONS,
  'session.raise',
  'session.revoke',
  'session.revokeOthers',
  'token.reuse',
  'user.addFactor',
  'user.approveAssistedRecovery',
  'user.changeEmail',
  'user.changePassword',
  'user.changePhone',
  'user.forgetTrustedDevices',
  'user.proveFactor',
  'user.regenerateRecoveryCodes',
  'user.removeFactor',
  'user.renameFactor',
  'user.requestAssistedRecovery',
  'user.requestEmailSignIn',
  'user.requestPasswordReset',
  'user.resetPassword',
  'user.signIn',
  'user.unlockByLink',
  'user.useRecoveryCode',
];
