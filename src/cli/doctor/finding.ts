/** What one check found. Holds no secret. */
export interface Finding {
  /** What was looked at: `mongodb`, `settings`. */
  readonly check: string;
  readonly level: 'ok' | 'warning' | 'error';
  readonly message: string;
}

export const ok = (check: string, message: string): Finding => ({ check, level: 'ok', message });
export const warning = (check: string, message: string): Finding => ({ check, level: 'warning', message });
export const error = (check: string, message: string): Finding => ({ check, level: 'error', message });
