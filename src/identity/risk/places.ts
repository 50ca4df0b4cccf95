import maxmind, { type CityResponse } from 'maxmind';
import type { Config } from '../../config/schema.js';
import { AppError } from '../../errors.js';
import type { Place } from '../../models/session.js';

/** Where network addresses are, roughly. */
export interface Places {
  /** Null where nobody knows: private addresses, no file. */
  placeOf(address: string): Place | null;
}

const EARTH_KILOMETRES = 6371;

/** Reads `risk.placesFile` into memory; without one every place is unknown. @throws AppError UNAVAILABLE for a file that is none */
export async function openPlaces({ risk }: Pick<Config, 'risk'>): Promise<Places> {
  const file = risk.placesFile;
  if (file === undefined) return { placeOf: () => null };
  try {
    const reader = await maxmind.open<CityResponse>(file);
    return { placeOf: (address) => placeFrom(maxmind.validate(address) ? reader.get(address) : null) };
  } catch (cause) {
    throw new AppError('UNAVAILABLE', `risk.placesFile ${file} cannot be read as a MaxMind DB file`, {
      cause,
    });
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
