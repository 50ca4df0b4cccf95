import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type EmbeddedEngine,
  type EmbeddedEngineOptions,
  startEmbeddedEngine,
} from '../../../src/stores/embedded/engine.js';

export interface TestEngine extends EmbeddedEngine {
  readonly folder: string;
}

/** An engine on a folder of its own, which is removed when it closes. */
export async function startTestEngine(options: EmbeddedEngineOptions = {}): Promise<TestEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'engine-'));
  const engine = await startEmbeddedEngine(folder, options);
  return {
    folder,
    uri: engine.uri,
    close: async () => {
      await engine.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
