import { expect } from 'chai';
import { type Doors, startDoors } from '../http/doors.js';

interface Operation {
  operationId: string;
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<string, { description: string }>;
}

describe('/openapi.json', () => {
  let doors: Doors;
  let document: { openapi: string; paths: Record<string, Record<string, Operation>> };
  before(async () => {
    doors = await startDoors();
    document = (await (await doors.get('/openapi.json')).json()) as typeof document;
  });
  after(() => doors.close());

  it('is OpenAPI 3.1 and names the endpoints of both doors', () => {
    expect(document.openapi).to.equal('3.1.0');
    expect(document.paths).to.include.keys(
      ...['register', 'confirm-email', 'confirm-phone', 'login', 'refresh', 'logout', 'validate', 'me'].map(
        (name) => `/auth/${name}`,
      ),
      ...['authorize', 'logout', 'token', 'revoke', 'introspect', 'userinfo'].map((name) => `/oauth/${name}`),
      '/.well-known/jwks.json',
      '/.well-known/openid-configuration',
      '/.well-known/oauth-authorization-server',
      '/health',
      '/livez',
      '/metrics',
    );
  });

  it('documents nothing that does not answer, and everything under one name', async () => {
    const names = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    expect(new Set(names).size).to.equal(names.length);
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const method of Object.keys(operations)) {
        const asked = { method: method.toUpperCase(), redirect: 'manual' } as const;
        const response = await fetch(`${doors.url}${path}`, asked);
        expect(response.status, `${method} ${path}`).to.not.be.oneOf([404, 405, 500]);
      }
    }
  });

  it('tells the body, the answers and the errors of each write', () => {
    const login = document.paths['/auth/login']?.['post'];
    expect(login?.responses).to.include.keys('200', '400', '401', '403', '423', '429', '503');
    expect(login?.requestBody?.content['application/json']?.schema).to.deep.include({
      required: ['identifier', 'password'],
    });
    const token = document.paths['/oauth/token']?.['post'];
    expect(token?.requestBody?.content).to.have.all.keys('application/x-www-form-urlencoded');
    expect(token?.responses).to.include.keys('200', '400', '401', '429');
  });
});
