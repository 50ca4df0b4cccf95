import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { isInputObjectType, isInterfaceType, isNonNullType, isObjectType } from 'graphql';
import { SCHEMA_FILE, schemaText } from '../../scripts/emitSchema.js';
import { buildApi } from '../../src/resolvers/api.js';
import { NODE_TYPES } from '../../src/schema/globalId.js';
import { MARK, type TypeMark } from '../../src/schema/governance.js';

describe('the schema', () => {
  const { schema, catalog } = buildApi();
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));

  it('is the one that was emitted (npm run schema)', () => {
    expect(schemaText()).to.equal(readFileSync(SCHEMA_FILE, 'utf8'));
  });

  it('is the one that the types of the operations were made from (npm run codegen)', () => {
    // Fails with the names of the files that are out of date.
    execFileSync('node_modules/.bin/graphql-codegen', ['--config', 'codegen.yml', '--check'], {
      stdio: 'pipe',
    });
  }).timeout(60_000);

  it('holds no secret in any type but the payloads that show one once', () => {
    const secret = /password|secret|hash|token(?!s|EndpointAuthMethod|TtlSeconds)|seed|cookie|private/i;
    const shown: string[] = [];
    for (const type of types) {
      if (!isObjectType(type) || type === schema.getMutationType() || type.name.endsWith('ViewerCan'))
        continue;
      for (const { name } of Object.values(type.getFields())) {
        if (secret.test(name)) shown.push(`${type.name}.${name}`);
      }
    }
    expect(shown.sort()).to.deep.equal([
      'AuditEvent.hash',
      'AuditEvent.previousHash',
      'BeginTotpEnrollmentPayload.seed',
      'CreateClientPayload.secret',
      'IssueRegistrationTokenPayload.token',
      'RotateClientSecretPayload.secret',
      'TokenSet.accessToken',
      'TokenSet.idToken',
      'TokenSet.refreshToken',
      'TokenSet.tokenType',
      'TotpSetUp.seed',
      'User.mustChangePassword',
      'User.passwordChangedAt',
    ]);
  });

  it('gives every node an id, nullable fields, and an answer to what the viewer may do', () => {
    const node = schema.getType('Node');
    if (!isInterfaceType(node)) throw new Error('Node is no interface');
    const nodes = schema.getPossibleTypes(node);
    expect(nodes.map(({ name }) => name).sort()).to.deep.equal([...NODE_TYPES].sort());
    for (const type of nodes) {
      const required = Object.values(type.getFields()).filter((field) => isNonNullType(field.type));
      expect(required.map(({ name }) => name).sort(), type.name).to.deep.equal(['id', 'viewerCan']);
      expect((type.extensions[MARK] as TypeMark).kind).to.equal('governed');
    }
  });

  it('offers in viewerCan acts that the policy knows, each of the special ones', () => {
    for (const [name, { actions }] of catalog.subjects) {
      const viewerCan = schema.getType(`${name}ViewerCan`);
      if (!isObjectType(viewerCan)) throw new Error(`${name} has no viewerCan`);
      const offered = Object.keys(viewerCan.getFields());
      for (const act of offered) expect(actions.has(act), `${name}.${act}`).to.equal(true);
      const mark = schema.getType(name)?.extensions[MARK] as TypeMark;
      if (mark.kind === 'governed') expect(offered).to.include.members([...mark.actions]);
    }
  });

  it('lets filters name fields of their type only', () => {
    for (const type of types) {
      const subject = /^(\w+)Filter$/.exec(type.name)?.[1];
      const fields = catalog.subjects.get(subject ?? '')?.fields;
      if (!isInputObjectType(type) || !fields) continue;
      const keys = Object.keys(type.getFields()).filter((key) => key !== 'and' && key !== 'or');
      for (const key of keys) expect(fields.has(key), `${type.name}.${key}`).to.equal(true);
    }
  });
});
