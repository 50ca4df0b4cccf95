import { expect } from 'chai';
import { simulateStuffing } from '../../scripts/stuffing/simulation.js';

describe('a list of leaked credentials, from many addresses', () => {
  it('gains almost nothing, and locks no owner out', async function () {
    this.timeout(60_000);
    const scale = { accounts: 200, addresses: 50, tries: 1000, reused: 20, hours: 2 };
    const result = await simulateStuffing({ ...scale, knownDevice: 100, newDevice: 20 });
    const { attack, attackWithRightPassword, ownersOnKnownDevices, ownersOnNewDevices } = result;
    expect(Object.values(attack).reduce((sum, one) => sum + one)).to.equal(1000);
    expect(Object.values(attackWithRightPassword).reduce((sum, one) => sum + one)).to.equal(20);
    // Nobody can be told from an owner until enough has failed: what gets in, gets in before that.
    expect(attack['in'] ?? 0).to.be.at.most(12);
    expect(attack['CAPTCHA_REQUIRED'] ?? 0).to.be.greaterThan(200);
    expect(ownersOnKnownDevices).to.deep.equal({ in: 100 });
    expect(ownersOnNewDevices).to.deep.equal({ in: 20 });
  });
});
