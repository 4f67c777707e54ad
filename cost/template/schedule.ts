import { DAYS_PER_MONTH, HOURS_PER_MONTH } from '../model/stated.ts';
import { TemplateError } from './template-error.ts';

const MINUTES_PER_HOUR = 60;
const HOURS_PER_DAY = 24;
const DAYS_PER_WEEK = 7;
const MONTHS_PER_YEAR = 12;

const RATE_HOURS: Readonly<Record<string, number>> = {
  minute: 1 / MINUTES_PER_HOUR,
  hour: 1,
  day: HOURS_PER_DAY,
};

/**
 * How often in a month a schedule of EventBridge or of AWS Backup is due: `rate(5 minutes)`, `cron(0 3 1 * ? *)`.
 * @throws TemplateError for one that it cannot read
 */
export function timesPerMonth(schedule: string): number {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(schedule);
  if (rate) return HOURS_PER_MONTH / (Number(rate[1]) * (RATE_HOURS[rate[2] as string] as number));
  const [minute, hour, day, month, weekday, ...rest] =
    /^cron\((.*)\)$/.exec(schedule)?.[1]?.split(/\s+/) ?? [];
  if (!minute || !hour || !day || !month || !weekday || rest.length !== 1) throw unreadable(schedule);
  const days = isAny(day)
    ? isAny(weekday)
      ? DAYS_PER_MONTH
      : (values(weekday, DAYS_PER_WEEK, schedule) * DAYS_PER_MONTH) / DAYS_PER_WEEK
    : values(day, DAYS_PER_MONTH, schedule);
  const months = values(month, MONTHS_PER_YEAR, schedule) / MONTHS_PER_YEAR;
  return values(minute, MINUTES_PER_HOUR, schedule) * values(hour, HOURS_PER_DAY, schedule) * days * months;
}

function isAny(field: string): boolean {
  return field === '*' || field === '?';
}

/** How many values a field of cron takes, of so many. */
function values(field: string, all: number, schedule: string): number {
  if (isAny(field)) return all;
  const step = /^(?:\*|\d+)\/(\d+)$/.exec(field);
  if (step) return Math.ceil(all / Number(step[1]));
  if (!/^[A-Z0-9]+(,[A-Z0-9]+)*$/.test(field)) throw unreadable(schedule);
  return field.split(',').length;
}

function unreadable(schedule: string): TemplateError {
  return new TemplateError(
    `The schedule "${schedule}" cannot be read. Known are rate(5 minutes) and cron(0 3 1 * ? *), with lists and steps.`,
  );
}
