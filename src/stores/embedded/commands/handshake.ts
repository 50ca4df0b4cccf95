import { type Doc, MAX_DOCUMENT_BYTES } from '../bson/value.js';
import { MAX_MESSAGE_BYTES } from '../wire/message.js';
import type { Command, CommandContext, Commands } from './context.js';

/** The most statements of one write command. */
export const MAX_WRITE_BATCH = 100_000;

/** The wire version of MongoDB 7.0. */
const WIRE_VERSION = 21;

/** The engine poses as a standalone server: no replica set, so no transactions and no retryable writes. */
function hello(_request: Doc, context: CommandContext): Doc {
  return {
    helloOk: true,
    ismaster: true,
    isWritablePrimary: true,
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    maxMessageSizeBytes: MAX_MESSAGE_BYTES,
    maxWriteBatchSize: MAX_WRITE_BATCH,
    localTime: context.now(),
    logicalSessionTimeoutMinutes: 30,
    connectionId: context.connectionId,
    minWireVersion: 0,
    maxWireVersion: WIRE_VERSION,
    readOnly: false,
    ok: 1,
  };
}

const greeting: Command = {
  fields: [
    'client',
    'compression',
    'helloOk',
    'hostInfo',
    'internalClient',
    'loadBalanced',
    'maxAwaitTimeMS',
    'saslSupportedMechs',
    'speculativeAuthenticate',
    'topologyVersion',
    'backpressure',
  ],
  run: hello,
};

const done: Command = { fields: [], run: () => ({ ok: 1 }) };

export const handshakeCommands: Commands = {
  hello: greeting,
  ismaster: greeting,
  isMaster: greeting,
  ping: done,
  endSessions: done,
  refreshSessions: done,
  killSessions: done,
  buildInfo: buildInfo(),
  buildinfo: buildInfo(),
};

function buildInfo(): Command {
  return {
    fields: [],
    run: () => ({
      version: '7.0.0',
      versionArray: [7, 0, 0, 0],
      modules: ['fieldgate-embedded'],
      bits: 64,
      maxBsonObjectSize: MAX_DOCUMENT_BYTES,
      storageEngines: ['lmdb'],
      ok: 1,
    }),
  };
}
