/**
 * Runs in a process of its own and is killed: serves the embedded engine on the folder of its first argument, and says
 * on standard output where.
 */
import { startEmbeddedEngine } from '../../../src/stores/embedded/engine.js';

const { uri } = await startEmbeddedEngine(process.argv[2] ?? '');
process.stdout.write(`${uri}\n`);
