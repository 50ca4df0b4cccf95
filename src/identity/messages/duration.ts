/** "30 minutes", "24 hours", "7 days": the largest unit that divides evenly. */
export function describeDuration(seconds: number): string {
  const units = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ] as const;
  for (const [unit, length] of units) {
    const count = seconds / length;
    // One day reads better as 24 hours.
    if (Number.isInteger(count) && (count > 1 || unit === 'minute'))
      return `${count} ${unit}${count === 1 ? '' : 's'}`;
  }
  return `${seconds} seconds`;
}
