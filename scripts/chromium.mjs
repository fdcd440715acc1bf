// The browser of the tests: the shell without a desktop costs half the processor of the whole browser.

import { existsSync } from 'node:fs';

const found = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find((path) => existsSync(path));

/** Of an executable; whether it is there is for the caller to see. */
export const chromiumPath = process.env.CHROMIUM ?? found ?? '/usr/bin/chromium-headless-shell';
