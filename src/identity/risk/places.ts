import { stat } from 'node:fs/promises';
import maxmind, { type CityResponse, type Reader } from 'maxmind';
import type { Config } from '../../config/schema.js';
import { AppError } from '../../errors.js';
import type { Place } from '../../models/session.js';
import type { Clock, Logger } from '../ports.js';

/** Where network addresses are, roughly. */
export interface Places {
  /** Null where nobody knows: private addresses, no file, an entry that cannot be read. */
  placeOf(address: string): Place | null;
}

interface PlaceDeps {
  readonly clock: Clock;
  readonly config: Pick<Config, 'risk'>;
  readonly logger: Logger;
}

/** A file of places as it was read. */
export interface PlacesFile {
  readonly reader: Reader<CityResponse>;
  /** Changes when the file is replaced. */
  readonly version: string;
}

const EARTH_KILOMETRES = 6371;
const LOOK_AGAIN_MILLISECONDS = 60_000;
/** Between the search tree and the data (MaxMind DB format 2.0). */
const SEPARATOR_BYTES = 16;

/**
 * Reads `risk.placesFile` into memory; without one every place is unknown. A file that takes its place is read within a
 * minute of use; while that one cannot be read, the old one goes on to answer.
 * @throws AppError UNAVAILABLE for a file that is none
 */
export async function openPlaces(deps: PlaceDeps): Promise<Places> {
  const path = deps.config.risk.placesFile;
  if (path === undefined) return { placeOf: () => null };
  return new FilePlaces(deps, path, await readPlacesFile(path));
}

/** @throws AppError UNAVAILABLE for a file that is none, or only a part of one */
export async function readPlacesFile(path: string): Promise<PlacesFile> {
  try {
    const { size, mtimeMs, ino } = await stat(path);
    const reader = await maxmind.open<CityResponse>(path);
    const { searchTreeSize } = reader.metadata;
    if (!(searchTreeSize + SEPARATOR_BYTES < size))
      throw new Error('the search tree is longer than the file');
    return { reader, version: `${ino}:${mtimeMs}:${size}` };
  } catch (cause) {
    const detail = `${path} cannot be read as a MaxMind DB file: ${(cause as Error).message}`;
    throw new AppError('UNAVAILABLE', detail, { cause });
  }
}

class FilePlaces implements Places {
  readonly #deps: PlaceDeps;
  readonly #path: string;
  #file: PlacesFile;
  #lookedAt: number;
  #saidBroken = false;

  constructor(deps: PlaceDeps, path: string, file: PlacesFile) {
    this.#deps = deps;
    this.#path = path;
    this.#file = file;
    this.#lookedAt = deps.clock().getTime();
  }

  placeOf(address: string): Place | null {
    this.#lookAgain();
    if (!maxmind.validate(address)) return null;
    try {
      return placeFrom(this.#file.reader.get(address));
    } catch (error) {
      // A damaged entry must keep nobody from signing in.
      if (!this.#saidBroken) this.#deps.logger.error({ err: error }, 'risk.placesFile is damaged');
      this.#saidBroken = true;
      return null;
    }
  }

  #lookAgain(): void {
    const now = this.#deps.clock().getTime();
    if (now - this.#lookedAt < LOOK_AGAIN_MILLISECONDS) return;
    this.#lookedAt = now;
    void this.#readNew();
  }

  async #readNew(): Promise<void> {
    try {
      const { size, mtimeMs, ino } = await stat(this.#path);
      if (`${ino}:${mtimeMs}:${size}` === this.#file.version) return;
      this.#file = await readPlacesFile(this.#path);
      this.#saidBroken = false;
      this.#deps.logger.info({ path: this.#path }, 'read the new risk.placesFile');
    } catch (error) {
      this.#deps.logger.warn({ err: error }, 'the new risk.placesFile is not used');
    }
  }
}

/** What is kept of an entry: names in English, and the point that stands for the place. */
export function placeFrom(found: CityResponse | null): Place | null {
  const { latitude, longitude } = found?.location ?? {};
  if (!found || latitude === undefined || longitude === undefined) return null;
  const city = found.city?.names.en;
  const country = found.country?.names.en;
  return { ...(city && { city }), ...(country && { country }), latitude, longitude };
}

/** Along the surface of the earth. */
export function kilometresBetween(one: Place, other: Place): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const halfSine = (angle: number) => Math.sin(angle / 2) ** 2;
  const across =
    halfSine(radians(other.latitude - one.latitude)) +
    Math.cos(radians(one.latitude)) *
      Math.cos(radians(other.latitude)) *
      halfSine(radians(other.longitude - one.longitude));
  return 2 * EARTH_KILOMETRES * Math.asin(Math.min(1, Math.sqrt(across)));
}
