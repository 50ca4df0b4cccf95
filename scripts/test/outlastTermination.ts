/**
 * Loaded by mocha when coverage is measured. A worker that is told to end has a second before it gets SIGTERM, and
 * writing its coverage may take longer: it must not die of the signal.
 */
if (process.connected) process.on('SIGTERM', () => undefined);
