import type { Doc } from '../bson/value.js';
import { CommandError, toCommandError } from '../errors.js';
import { aggregateCommands } from './aggregate.js';
import { catalogCommands } from './catalog.js';
import type { Command, CommandContext, Commands } from './context.js';
import { explainCommands } from './explain.js';
import { findAndModifyCommands } from './findAndModify.js';
import { handshakeCommands } from './handshake.js';
import { indexCommands } from './indexes.js';
import { readCommands } from './read.js';
import { writeCommands } from './write.js';

const COMMANDS: Commands = {
  ...handshakeCommands,
  ...readCommands,
  ...writeCommands,
  ...findAndModifyCommands,
  ...aggregateCommands,
  ...catalogCommands,
  ...indexCommands,
  ...explainCommands,
};

/** Fields that every command takes: of sessions, concerns and limits, which one durable server fulfils anyway. */
const GENERAL_FIELDS = new Set([
  '$db',
  'lsid',
  '$clusterTime',
  '$readPreference',
  'comment',
  'maxTimeMS',
  'writeConcern',
  'readConcern',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
]);

/**
 * Runs the command that a request's first field names. Never rejects: a refusal is an answer with `ok: 0`.
 * Commands, fields, operators and stages that are not known are refused by name.
 */
export async function runCommand(request: Doc, context: Omit<CommandContext, 'database'>): Promise<Doc> {
  try {
    const [name = ''] = Object.keys(request);
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!command) throw new CommandError(59, `no such command: '${name}'`);
    assertKnown(name, command, request);
    return await command.run(request, { ...context, database: databaseOf(request) });
  } catch (error) {
    const { code, codeName, message, extra } = toCommandError(error);
    return { ok: 0, errmsg: message, code, codeName, ...extra };
  }
}

function assertKnown(name: string, command: Command, request: Doc): void {
  for (const field of Object.keys(request)) {
    if (field === name || GENERAL_FIELDS.has(field) || command.fields.includes(field)) continue;
    if (field === 'txnNumber' || field === 'autocommit' || field === 'startTransaction') {
      throw new CommandError(20, 'Transaction numbers are only allowed on a replica set member or mongos');
    }
    throw new CommandError(40415, `BSON field '${name}.${field}' is an unknown field.`);
  }
}

function databaseOf(request: Doc): string {
  const database = request.$db;
  if (typeof database !== 'string' || database === '')
    throw new CommandError(40571, 'OP_MSG requests require a $db argument');
  return database;
}
