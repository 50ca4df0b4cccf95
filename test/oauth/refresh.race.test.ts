import { expect } from 'chai';
import { basic, type Doors, SERVICE, startDoors } from '../http/doors.js';

describe('parallel refreshes through the token endpoint', () => {
  let doors: Doors;
  before(async () => {
    doors = await startDoors();
  });
  after(() => doors.close());

  for (const count of [2, 20, 200]) {
    it(`gives ${count} of them one successor, and signs nobody out`, async () => {
      const user = await doors.user();
      const { refresh_token: token = '' } = await doors.tokens(user);
      const refresh = (refresh_token: string) =>
        doors.form(
          '/oauth/token',
          { grant_type: 'refresh_token', refresh_token },
          basic(SERVICE.id, SERVICE.secret),
        );
      const answers = await Promise.all(
        Array.from({ length: count }, async () => {
          const response = await refresh(token);
          return { status: response.status, body: (await response.json()) as Record<string, string> };
        }),
      );
      expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([200]));
      const successors = new Set(answers.map(({ body }) => body['refresh_token']));
      expect(successors.size).to.equal(1);
      expect(await doors.deps.models.refreshFamilies.countDocuments({ userId: user._id })).to.equal(1);
      expect((await refresh([...successors][0] ?? '')).status).to.equal(200);
    });
  }
});
