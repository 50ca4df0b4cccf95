import type { Context } from 'mocha';
import { skipBecause } from './skip.js';

/**
 * A real MongoDB-compatible server for tests that need one even while the others run on the embedded engine:
 * MONGODB_URI, else TEST_REAL_MONGODB_URI. Without either the test or suite is skipped.
 */
export function realMongoUri(context: Context): string {
  const uri = process.env['MONGODB_URI'] || process.env['TEST_REAL_MONGODB_URI'];
  return uri || skipBecause(context, 'there is no MongoDB: neither MONGODB_URI nor TEST_REAL_MONGODB_URI');
}
