/** Runs in a process of its own: takes the folder that it is told of at the moment that it is told, and gives it back. */
import { type FolderLock, lockFolder } from '../../../src/stores/embedded/folderLock.js';

interface Order {
  /** Absent: give back what is held. */
  readonly folder?: string;
  readonly atMilliseconds?: number;
}

let held: FolderLock | null = null;

process.on('message', ({ folder, atMilliseconds = 0 }: Order) => {
  if (folder === undefined) {
    held?.release();
    held = null;
    process.send?.({ held: false });
    return;
  }
  while (Date.now() < atMilliseconds);
  try {
    held = lockFolder(folder);
    process.send?.({ held: true });
  } catch (error) {
    process.send?.({ held: false, refusal: (error as Error).name });
  }
});
process.send?.({ held: false });
