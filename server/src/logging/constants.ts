/** Python's standard ports (https://docs.python.org/3/library/logging.handlers.html). */

export const DEFAULT_TCP_LOGGING_PORT = 9020;
export const DEFAULT_UDP_LOGGING_PORT = 9021;
export const DEFAULT_HTTP_LOGGING_PORT = 9022;
export const DEFAULT_SOAP_LOGGING_PORT = 9023;
/** Where listen() takes configurations in. */
export const DEFAULT_LOGGING_CONFIG_PORT = 9030;
