const ISO_DATE = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;

/**
 * A day (which begins in UTC) or a time with its offset, of ISO 8601; null for anything else, and for a day that no
 * calendar has. Never a time without an offset: what it means would depend on the machine that reads it.
 */
export function parseIsoDate(text: string): Date | null {
  const day = ISO_DATE.exec(text)?.[1];
  // JavaScript takes 30 February for 2 March.
  if (day === undefined || !isDay(day)) return null;
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? null : date;
}

function isDay(day: string): boolean {
  const midnight = new Date(`${day}T00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}
