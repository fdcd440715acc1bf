// Some of its orders fail, with real stack traces: click a frame.

import { totalOf } from './pricing.mjs';
import { forEver, getLog } from './safelogClient.mjs';

const log = getLog('bob', 'orders');
const orders = [['teapot'], ['teapot', 'cup', 'cup'], ['cup'], ['cup', 'samovar'], ['teapot', 'cup']];

/** @param {readonly string[]} order */
function bill(order) {
  try {
    return totalOf(order);
  } catch (error) {
    throw new Error(`the order ${JSON.stringify(order)} cannot be billed`, { cause: error });
  }
}

await forEver(orders, 1300, async (order, round) => {
  try {
    await log.info(`order ${round}: ${bill(order).toFixed(2)} CHF for ${order.join(', ')}`);
  } catch (error) {
    await log.exception(error);
  }
});
