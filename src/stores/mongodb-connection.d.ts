/** A class that the driver takes as its option `connectionType` and does not export itself. */
declare module 'mongodb/lib/cmap/connection.js' {
  import type { Socket } from 'node:net';

  export const Connection: new (socket: Socket, options: object) => object;
}
