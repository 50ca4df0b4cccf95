import { simulateStuffing } from './stuffing/simulation.js';

// Run by mocha, whose end also ends the embedded engine that the tests' stores share.
describe('npm run simulate:stuffing', () => {
  it('tells what an attack with leaked credentials gains, and what it costs the owners', async function () {
    this.timeout(0);
    const scale = { accounts: 2000, addresses: 500, tries: 10_000, reused: 100, hours: 2 };
    const result = await simulateStuffing({ ...scale, knownDevice: 1000, newDevice: 200 });
    console.log(JSON.stringify(result, null, 2));
  });
});
