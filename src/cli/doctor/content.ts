import type { Config } from '../../config/schema.js';
import { ADMINISTRATOR_ROLE } from '../../identity/accounts/administrators.js';
import { signingAlgorithms } from '../../identity/keys/algorithms.js';
import type { Models } from '../../models/models.js';
import { error, type Finding, ok, warning } from './finding.js';

const DAY_MILLISECONDS = 86_400_000;
/** A checkpoint may be late by a restart or two. */
const LATE_FACTOR = 3;

/** What the database holds: keys that are of age, an audit trail that is signed in time, an administrator who is safe. */
export async function checkContent(config: Config, models: Models, now = new Date()): Promise<Finding[]> {
  return [
    ...(await checkSigningKeys(config, models, now)),
    await checkAudit(config, models, now),
    await checkAdministrator(models),
    ...(await checkMailboxes(models)),
  ];
}

async function checkSigningKeys(config: Config, models: Models, now: Date): Promise<Finding[]> {
  const keys = await models.signingKeys.find({ status: 'current' }).lean();
  return signingAlgorithms(config).map((algorithm) => {
    const key = keys.find((one) => one.algorithm === algorithm);
    if (!key) return warning('signing keys', `there is none for ${algorithm} yet: the next start makes it`);
    const days = (now.getTime() - (key.activatedAt ?? key.createdAt).getTime()) / DAY_MILLISECONDS;
    const message = `the key for ${algorithm} is ${Math.floor(days)} days old, of ${config.tokens.keyRotationDays}`;
    // The server looks once a minute; a day more means that none runs, or that it cannot.
    return (days > config.tokens.keyRotationDays + 1 ? warning : ok)('signing keys', message);
  });
}

async function checkAudit(config: Config, models: Models, now: Date): Promise<Finding> {
  const [checkpoint, event] = await Promise.all([
    models.auditCheckpoints.findOne().sort({ _id: -1 }).lean(),
    models.auditEvents.findOne().sort({ _id: -1 }).select('at').lean(),
  ]);
  if (!event) return ok('audit', 'there is no event yet');
  if (!checkpoint) return warning('audit', 'no checkpoint has been signed yet');
  const age = Math.round((now.getTime() - checkpoint.at.getTime()) / 1000);
  const message = `checkpoint ${checkpoint._id} was signed ${age} s ago`;
  const isLate = event.at > checkpoint.at && age > config.audit.checkpointSeconds * LATE_FACTOR;
  return isLate ? warning('audit', `${message}, and there are newer events`) : ok('audit', message);
}

const ADMINISTRATORS = { 'roleAssignments.role': ADMINISTRATOR_ROLE, status: 'active' } as const;

async function checkAdministrator(models: Models): Promise<Finding> {
  const one = await models.users.exists(ADMINISTRATORS);
  return one
    ? ok('administrator', 'there is one')
    : error('administrator', 'no active account holds the role admin');
}

/** The letter of a reset and the code of an e-mail factor go to one mailbox, whose reader needs nothing else. */
async function checkMailboxes(models: Models): Promise<Finding[]> {
  const administrators = await models.users.distinct('_id', ADMINISTRATORS);
  const byMail = await models.factors.distinct('userId', {
    userId: { $in: administrators },
    kind: 'email',
    confirmedAt: { $ne: null },
  });
  if (byMail.length === 0) return [];
  const message = `whoever reads the mail of one is one (${byMail.length}): their second factor is the mailbox by which the password is reset. Put an app or a passkey in its place`;
  return [warning('administrator', message)];
}
