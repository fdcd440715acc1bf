// One of several processes that write to the same log: the station's name is the argument. Colours, many alphabets, many lines.

import { forEver, getLog } from './safelogClient.mjs';

const station = process.argv[2] ?? 'Zürich';
const log = getLog('bob', 'weather');
const sky = ['sun ☀️', 'clouds ☁️', 'rain 🌧️', 'snow ❄️', 'föhn — 晴れ — ясно'];

await forEver(sky, 900, async (line, round) => {
  const degrees = Math.round(Math.random() * 40 - 5);
  if (degrees > 32) await log.warning(`${station}: \x1b[1;31m${degrees} °C\x1b[0m, heat`);
  else if (degrees < -3) await log.warning(`${station}: \x1b[36m${degrees} °C\x1b[0m, frost`);
  else await log.info(`${station}: ${degrees} °C, ${line}`);
  if (round % 4 === 0 && line === sky[0]) {
    await log.debug(
      `${station}: the last hours\n  hour  °C  wind\n  -1h   ${degrees}   3 m/s\n  -2h   ${degrees + 1}   4 m/s\n  -3h   ${degrees - 1}   2 m/s`,
    );
  }
});
