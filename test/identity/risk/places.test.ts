import { copyFile, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { createApp } from '../../../src/app.js';
import { checkFiles } from '../../../src/cli/doctor/files.js';
import { ConfigError } from '../../../src/config/configError.js';
import { kilometresBetween, openPlaces, placeFrom } from '../../../src/identity/risk/places.js';
import { createMovableClock } from '../../support/clock.js';
import { testConfig } from '../../support/deps.js';
import { recordingLogger, silentLogger } from '../../support/logger.js';
import { refusal } from '../../support/refusal.js';

const BERLIN = { city: 'Berlin', country: 'Germany', latitude: 52.5, longitude: 13.4 };
const SYDNEY = { city: 'Sydney', country: 'Australia', latitude: -33.9, longitude: 151.2 };
const LONDON = { city: 'London', country: 'United Kingdom', latitude: 51.5142, longitude: -0.0931 };
/** Test databases of MaxMind's, under the MIT licence beside them. */
const CITIES = 'test/identity/risk/maxmind/GeoLite2-City-Test.mmdb';
const BROKEN = 'test/identity/risk/maxmind/GeoIP2-City-Test-Invalid-Node-Count.mmdb';

describe('places', () => {
  let folder: string;
  let file: string;
  const clock = createMovableClock();
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fieldgate-places-'));
    file = join(folder, 'cities.mmdb');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const open = (placesFile: string | undefined, logger = silentLogger) =>
    openPlaces({ clock, logger, config: testConfig({ risk: { placesFile } }) });
  const damaged = async (from: number, to: number) => {
    const bytes = await readFile(CITIES);
    await writeFile(file, bytes.fill(255, from, to));
  };

  it('are as far apart as the surface of the earth says', () => {
    expect(kilometresBetween(BERLIN, SYDNEY)).to.be.within(16_000, 16_200);
    expect(kilometresBetween(BERLIN, BERLIN)).to.equal(0);
  });

  it('are kept as their English names and one point', () => {
    const names = (en: string) => ({ names: { en }, geoname_id: 1, iso_code: 'DE' });
    const location = { latitude: 52.5, longitude: 13.4, accuracy_radius: 20 };
    const found = { city: names('Berlin'), country: names('Germany'), location };
    expect(placeFrom(found)).to.deep.equal(BERLIN);
    expect(placeFrom({ country: names('Germany') })).to.equal(null);
    expect(placeFrom(null)).to.equal(null);
  });

  it('are those of a MaxMind DB file, by IPv4 and IPv6', async () => {
    const places = await open(CITIES);
    expect(places.placeOf('81.2.69.142')).to.deep.equal(LONDON);
    expect(places.placeOf('::ffff:81.2.69.142')).to.deep.equal(LONDON);
    const linkoping = { city: 'Linköping', country: 'Sweden', latitude: 58.4167, longitude: 15.6167 };
    expect(places.placeOf('89.160.20.112')).to.deep.equal(linkoping);
    const sanDiego = { city: 'San Diego', country: 'United States', latitude: 32.7203, longitude: -117.1552 };
    expect(places.placeOf('2001:480:10::1')).to.deep.equal(sanDiego);
    const japan = { country: 'Japan', latitude: 35.68536, longitude: 139.75309 };
    expect(places.placeOf('2001:218::1')).to.deep.equal(japan);
  });

  it('are unknown for private, unassigned and impossible addresses, and without a file', async () => {
    const places = await open(CITIES);
    for (const address of ['10.0.0.1', '127.0.0.1', '203.0.113.7', '::1', 'fe80::1', '', 'unix:', '1.2.3']) {
      expect(places.placeOf(address), address).to.equal(null);
    }
    expect((await open(undefined)).placeOf('81.2.69.142')).to.equal(null);
  });

  it('cannot come of a file that is none, cut off or missing: the start says which file', async () => {
    const whole = await readFile(CITIES);
    await writeFile(file, whole.subarray(0, 10_000));
    for (const path of ['package.json', file, BROKEN, join(folder, 'missing.mmdb')]) {
      const { message } = await refusal(open(path), 'UNAVAILABLE');
      expect(message).to.include(path).and.include('MaxMind DB');
      const config = testConfig({ dataDirectory: join(folder, 'data'), risk: { placesFile: path } });
      const [finding] = (await checkFiles(config)).filter(({ check }) => check === 'places');
      expect(finding).to.deep.equal({ check: 'places', level: 'error', message });
    }
  });

  it('stop the start like any other fault of the configuration (exit code 78)', async () => {
    const config = testConfig({ dataDirectory: join(folder, 'data'), risk: { placesFile: 'package.json' } });
    const error: unknown = await createApp({ config, logger: silentLogger }).catch((one: unknown) => one);
    expect(error).to.be.instanceOf(ConfigError);
    expect((error as ConfigError).faults.map(({ path }) => path)).to.deep.equal(['risk.placesFile']);
  });

  it('are unknown where the file is damaged: nobody is kept from signing in, and the log says it once', async () => {
    await damaged(3000, 20_000);
    const logger = recordingLogger();
    const places = await open(file, logger);
    expect(places.placeOf('81.2.69.142')).to.equal(null);
    expect(places.placeOf('2001:218::1')).to.equal(null);
    expect(logger.lines.map(({ level, message }) => `${level}: ${message}`)).to.deep.equal([
      'error: risk.placesFile is damaged',
    ]);
  });

  it('come of the file that took the place of the old one, within a minute of use', async () => {
    await damaged(3000, 20_000);
    const logger = recordingLogger();
    const places = await open(file, logger);
    await copyFile(CITIES, `${file}.new`);
    await rename(`${file}.new`, file);
    expect(places.placeOf('81.2.69.142')).to.equal(null);
    clock.advance(61);
    const said = (text: string) => logger.lines.some(({ message }) => message.includes(text));
    places.placeOf('81.2.69.142');
    while (!said('read the new')) await setImmediate();
    expect(places.placeOf('81.2.69.142')).to.deep.equal(LONDON);

    await writeFile(`${file}.new`, 'half of a download');
    await rename(`${file}.new`, file);
    clock.advance(61);
    places.placeOf('81.2.69.142');
    while (!said('is not used')) await setImmediate();
    expect(places.placeOf('81.2.69.142')).to.deep.equal(LONDON);
  });

  it('are named by doctor with kind and age', async () => {
    const config = testConfig({ dataDirectory: join(folder, 'data'), risk: { placesFile: CITIES } });
    const [finding] = (await checkFiles(config)).filter(({ check }) => check === 'places');
    expect(finding?.message).to.match(/^GeoLite2-City of 2026-02-04/);
  });
});
