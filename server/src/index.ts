/** What the package `safelog` exports. */

export { type GetLogOptions, get, getLog, Log, type LogCallOptions, type LogLevel } from './client/log.ts';
export * from './logging/exports.ts';
export { LockTimeoutError } from './writer/concurrentFile.ts';
