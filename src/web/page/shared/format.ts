/** Numbers, spans and times as people read them. All times are UTC. */

const HOURS_PER_DAY = 24;
const SECONDS_PER_MINUTE = 60;
const SECONDS_PER_HOUR = 3600;

/** "5 h", "3 d", "3 d 4 h", "41 d": an age in hours, rounded down as everywhere. */
export function formatHours(hours: number): string {
  const whole = Math.floor(hours);
  if (whole < HOURS_PER_DAY) return `${whole} h`;
  const days = Math.floor(whole / HOURS_PER_DAY);
  const rest = whole % HOURS_PER_DAY;
  return days >= 10 || rest === 0 ? `${days.toLocaleString('en')} d` : `${days} d ${rest} h`;
}

/** "< 0.01 s", "0.31 s", "12 s", "3 min 5 s", "2 h 10 min". */
export function formatSeconds(seconds: number): string {
  if (seconds < 0.005) return '< 0.01 s';
  if (seconds < 10) return `${Number(seconds.toFixed(2))} s`;
  const whole = Math.round(seconds);
  if (whole < SECONDS_PER_MINUTE) return `${whole} s`;
  if (whole < SECONDS_PER_HOUR) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / SECONDS_PER_HOUR)} h ${Math.floor((whole % SECONDS_PER_HOUR) / 60)} min`;
}

/** "1,234,567". */
export function formatCount(count: number): string {
  return count.toLocaleString('en');
}

/** "1 asset", "1,234 assets". */
export function countOf(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`;
}

/** "2026-01-31 08:15:02 UTC" of an ISO time. */
export function formatTime(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

/** A price or an average with as many digits as it needs: 16,745.03, 0.00001234. */
export function formatValue(value: number): string {
  return (Math.abs(value) >= 1_000 ? large : small).format(value);
}

/** Made once: a page of the screener has thousands of values. */
const large = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const small = new Intl.NumberFormat('en', { maximumSignificantDigits: 6 });
const percent = new Intl.NumberFormat('en', {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
  signDisplay: 'exceptZero',
});

/** A share in %: "+3.25", "-0.40". */
export function formatPercent(value: number): string {
  return percent.format(value);
}

/** A volume in short: "18.8B". */
export function formatVolume(value: number): string {
  return value.toLocaleString('en', { notation: 'compact', maximumFractionDigits: 2 });
}

/** Quotes not, never interprets: control and direction marks of foreign text become visible signs. */
export function asPlainText(text: string): string {
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}
