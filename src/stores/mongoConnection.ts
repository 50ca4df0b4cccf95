import type { Socket } from 'node:net';
import { Connection } from 'mongodb/lib/cmap/connection.js';

/**
 * A connection of the driver on which no command waits for ever. To who writes to a socket that its other end has
 * closed Node answers `false`, as if it were full: the driver waits for `drain`, which never comes when the socket is
 * destroyed already, and passes on the system's `EPIPE` when that is still to be told. Told of a `drain` then, it goes
 * on to look what became of the connection, and fails with its own `MongoNetworkError`.
 */
export class MongoConnection extends Connection {
  constructor(socket: Socket, options: object) {
    super(socket, options);
    const wake = (): void => void socket.emit('drain');
    // After the driver's own listeners: by then it knows that the connection is gone.
    socket.on('error', wake);
    socket.on('close', wake);
  }
}
