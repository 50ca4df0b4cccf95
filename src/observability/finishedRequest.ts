/** One request that has been answered, as the log line and the numbers tell of it. */
export interface FinishedRequest {
  readonly requestId: string;
  readonly method: string;
  /** The route's template (`/users/:id`), never the path that was asked for; `unmatched` where there is none. */
  readonly route: string;
  readonly status: number;
  readonly durationMilliseconds: number;
  /** The caller's, behind trusted proxies. */
  readonly address: string;
}
