"""The same as concurrentWriter.ts with Python's concurrent-log-handler. Usage: PATH ID COUNT OPTIONS (maxBytes, backupCount, useGzip)."""

import json
import logging
import sys

from begin_together import begin_together
from concurrent_log_handler import ConcurrentRotatingFileHandler

path, ident, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
options = json.loads(sys.argv[4])
handler = ConcurrentRotatingFileHandler(
    path,
    maxBytes=options.get("maxBytes", 0),
    backupCount=options.get("backupCount", 0),
    use_gzip=options.get("useGzip", False),
    encoding="utf-8",
)
logger = logging.getLogger("interop")
logger.addHandler(handler)
logger.setLevel(logging.DEBUG)
begin_together(ident)
for i in range(count):
    logger.debug("%s %d 😀 %s", ident, i, "x" * 60)
