import type { Client } from '../../models/client.js';
import type { Session } from '../../models/session.js';
import type { Deps } from '../deps.js';

/**
 * Notes that a client that wants to hear of sign-outs has had tokens in a session. Call it before the tokens leave: what
 * a crash leaves behind is a client that is told for nothing.
 */
export async function noteSessionClient(
  { models }: Pick<Deps, 'models'>,
  client: Pick<Client, '_id' | 'backchannelLogoutUri'>,
  session: Pick<Session, '_id' | 'clientIds'>,
): Promise<void> {
  if (!client.backchannelLogoutUri || session.clientIds?.includes(client._id)) return;
  await models.sessions.updateOne(
    { _id: session._id },
    { $addToSet: { clientIds: client._id } },
    { timestamps: false },
  );
}
