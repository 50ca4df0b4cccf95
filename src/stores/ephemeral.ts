/**
 * Short-lived state: Redis when `REDIS_URL` is set, maps in the process otherwise. Values are strings. Every key expires.
 * Both implementations pass `test/stores/ephemeral.contract.ts`.
 */
export interface EphemeralStore {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, ttlSeconds: number): Promise<void>;
  /** Stores and returns true only if the key was absent: the primitive under every replay check. */
  setIfAbsent(key: string, value: string, ttlSeconds: number): Promise<boolean>;
  delete(key: string): Promise<void>;
  /**
   * Adds one and returns the new count with the milliseconds until it is forgotten. The first increment starts
   * the window of `windowSeconds`; later ones do not extend it.
   */
  increment(key: string, windowSeconds: number): Promise<{ count: number; resetInMilliseconds: number }>;
  publish(channel: string, message: string): Promise<void>;
  /** The handler runs for each message published by any replica, this one included. Returns the unsubscriber. */
  subscribe(channel: string, handler: (message: string) => void): Promise<() => Promise<void>>;
  /** Resolves when the store answers. @throws AppError UNAVAILABLE */
  ping(): Promise<void>;
  close(): Promise<void>;
}
