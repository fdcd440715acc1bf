import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeSchedule, type ScheduleOptions } from './schedule.ts';

const zone = process.env.TZ;
beforeAll(() => {
  process.env.TZ = 'Europe/Berlin';
});
afterAll(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

const local = (text: string) => new Date(text).getTime() / 1000;

test.each([
  [{ when: 's', interval: 30 }, '2026-11-20T10:00:00', '2026-11-20T10:00:30', '2026-11-20_10-00-00'],
  [{ when: 'M', interval: 5 }, '2026-11-20T10:00:07', '2026-11-20T10:05:07', '2026-11-20_10-00'],
  [{ when: 'h' }, '2026-11-20T10:20:00', '2026-11-20T11:20:00', '2026-11-20_10'],
  [{ when: 'd', interval: 2 }, '2026-11-20T10:20:00', '2026-11-22T10:20:00', '2026-11-20'],
  [{ when: 'midnight' }, '2026-11-20T10:20:00', '2026-11-21T00:00:00', '2026-11-20'],
  [{ when: 'midnight' }, '2026-11-20T00:00:00', '2026-11-21T00:00:00', '2026-11-20'],
  [{ when: 'midnight', atTime: 43_200 }, '2026-11-20T10:20:00', '2026-11-20T12:00:00', '2026-11-19'],
  [{ when: 'midnight', interval: 3 }, '2026-11-20T10:20:00', '2026-11-23T00:00:00', '2026-11-20'],
  [{ when: 'W0' }, '2026-11-20T10:20:00', '2026-11-24T00:00:00', '2026-11-17'],
  [{ when: 'W0', atTime: 0 }, '2026-11-20T10:20:00', '2026-11-23T00:00:00', '2026-11-16'],
  [{ when: 'w4' }, '2026-11-20T10:20:00', '2026-11-21T00:00:00', '2026-11-14'],
  [{ when: 'W4', atTime: 43_200 }, '2026-11-20T10:20:00', '2026-11-20T12:00:00', '2026-11-13'],
  // The clocks go forward on 2026-03-29 and back on 2026-10-25.
  [{ when: 'midnight' }, '2026-03-29T10:00:00', '2026-03-30T00:00:00', '2026-03-29'],
  [{ when: 'midnight' }, '2026-10-25T01:00:00', '2026-10-26T00:00:00', '2026-10-25'],
  [{ when: 'W6' }, '2026-03-25T10:00:00', '2026-03-30T00:00:00', '2026-03-23'],
  [{ when: 'midnight', atTime: 9000 }, '2026-03-29T01:00:00', '2026-03-29T03:30:00', '2026-03-28'],
] satisfies [ScheduleOptions, string, string, string][])('%j at %s: next at %s, named %s', (options, now, next, suffix) => {
  const schedule = makeSchedule(options);
  expect(new Date(schedule.next(local(now)) * 1000)).toEqual(new Date(next));
  expect(schedule.suffix(schedule.next(local(now)))).toBe(suffix);
  expect(suffix).toMatch(schedule.pattern);
});

test.each([{ when: 'x' }, { when: 'W7' }, { interval: 0 }, { interval: 1.5 }, { when: 'midnight', atTime: 86_400 }])(
  'refuses %j',
  (options) => {
    expect(() => makeSchedule(options)).toThrow(RangeError);
  },
);

describe("thousands of random times, against Python's own handler", () => {
  const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'];
  const kinds = ['S', 'M', 'H', 'D', 'MIDNIGHT', 'W0', 'W1', 'W2', 'W3', 'W4', 'W5', 'W6'];

  // Python 3.11's computeRollover knows no interval for midnight and weekdays and forgets changes of the clocks: what it should say is
  // computed by zoneinfo for these, and by the handler itself for all others.
  const script = `
import datetime, json, logging.handlers, os, sys, tempfile, time, zoneinfo
path = os.path.join(tempfile.mkdtemp(), 'x.log')
for line in sys.stdin:
    case = json.loads(line)
    os.environ['TZ'] = case['zone']
    time.tzset()
    when, interval, utc, at = case['when'], case['interval'], case['utc'], case['atTime']
    handler = logging.handlers.TimedRotatingFileHandler(path, when, interval, delay=True, utc=utc, atTime=datetime.time(at // 3600, at // 60 % 60, at % 60))
    now = case['now']
    zone = datetime.timezone.utc if utc else zoneinfo.ZoneInfo(case['zone'])
    if when[0] in 'SHD' or when == 'M':
        due = handler.computeRollover(now)
        start = due - handler.interval
        stamp = time.strftime(handler.suffix, time.gmtime(start) if utc else time.localtime(start))
    else:
        days = interval * (1 if when == 'MIDNIGHT' else 7)
        day = datetime.datetime.fromtimestamp(now, zone).date()
        def moment(day):
            return int(datetime.datetime.combine(day, datetime.time(at // 3600, at // 60 % 60, at % 60), zone).timestamp())
        while moment(day) <= now or (when != 'MIDNIGHT' and day.weekday() != int(when[1])):
            day += datetime.timedelta(1)
        if interval == 1 and case['zone'] in ('UTC', 'Asia/Kathmandu') and at > 0:
            assert moment(day) == handler.computeRollover(now), (case, moment(day), handler.computeRollover(now))
        day += datetime.timedelta(days - (1 if when == 'MIDNIGHT' else 7))
        due = moment(day)
        stamp = (day - datetime.timedelta(days)).strftime(handler.suffix)
    print(json.dumps([due, stamp]))
`;

  test('the same moments and names', () => {
    let seed = 12_345;
    const random = (limit: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor((seed / 2 ** 31) * limit);
    };
    // Sorted by zone: each change of TZ costs.
    const cases = zones.flatMap((zone) =>
      Array.from({ length: 1000 }, () => ({
        zone,
        when: kinds[random(kinds.length)] ?? 'H',
        interval: random(3) === 0 ? 1 + random(5) : 1,
        utc: random(4) === 0,
        // Not in the hours that the clocks skip or repeat: which of two moments is meant is nobody's to say.
        atTime: random(2) === 0 ? 0 : 4 * 3600 + random(20 * 3600),
        now: 1_700_000_000 + random(120_000_000),
      })),
    );
    const answers = execFileSync('python3', ['-c', script], {
      input: cases.map((one) => JSON.stringify(one)).join('\n'),
      encoding: 'utf8',
    });
    answers
      .trim()
      .split('\n')
      .forEach((answer, i) => {
        const one = cases[i]!;
        process.env.TZ = one.zone;
        const schedule = makeSchedule(one);
        const due = schedule.next(one.now);
        expect({ ...one, answer: [due, schedule.suffix(due)] }).toEqual({ ...one, answer: JSON.parse(answer) });
      });
    process.env.TZ = 'Europe/Berlin';
  });
});
