// What orders.mjs stumbles over: its stack traces lead here.

const prices = new Map([
  ['teapot', 39.5],
  ['cup', 12],
]);

/** @param {string} article */
export function priceOf(article) {
  const price = prices.get(article);
  if (price === undefined) throw new RangeError(`no price for "${article}"`);
  return price;
}

/** @param {readonly string[]} articles */
export function totalOf(articles) {
  return articles.map((article) => priceOf(article)).reduce((sum, price) => sum + price, 0);
}
