import type { PolicySample } from '../../policies/sample.js';

/** The sample as JSON text. A date inside it is `{ "$date": ms }`. */
export function encodeSample(sample: PolicySample): string {
  return JSON.stringify(withTaggedDates(sample));
}

/** What `encodeSample` wrote. */
export function decodeSample(text: string): PolicySample {
  return JSON.parse(text, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('$date' in value)) return value;
    return new Date(Number(value.$date));
  }) as PolicySample;
}

function withTaggedDates(value: unknown): unknown {
  if (value instanceof Date) return { $date: value.getTime() };
  if (Array.isArray(value)) return value.map(withTaggedDates);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withTaggedDates(inner)]));
}
