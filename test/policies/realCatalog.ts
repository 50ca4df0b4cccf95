import 'reflect-metadata';
import type { Catalog } from '../../src/policies/catalog.js';
import { buildApi } from '../../src/resolvers/api.js';

/** What rules may name in the real schema. */
export const REAL_CATALOG: Catalog = buildApi().catalog;
