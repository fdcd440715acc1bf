/**
 * What tests import as `fast-check`: with one seed, so that a run says of the code what the last one said. Another one: SEED=7 npm test.
 */

import fc from '../node_modules/fast-check/lib/fast-check.js';

fc.configureGlobal({ seed: Number(process.env.SEED ?? 20261120) });

export * from '../node_modules/fast-check/lib/fast-check.js';
export default fc;
