"""The same as stressWriter.ts with Python's concurrent-log-handler. Usage: PATH ID COUNT OPTIONS."""

import json
import logging
import os
import sys
import time

from concurrent_log_handler import ConcurrentRotatingFileHandler

path, ident, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
options = json.loads(sys.argv[4])["handler"]
handler = ConcurrentRotatingFileHandler(
    path,
    maxBytes=options.get("maxBytes", 0),
    backupCount=options.get("backupCount", 0),
    use_gzip=options.get("useGzip", False),
    encoding="utf-8",
)
logger = logging.getLogger("stress")
logger.addHandler(handler)
logger.setLevel(logging.DEBUG)
time.sleep(max(0.0, float(os.environ.get("BEGIN_AT", 0)) / 1000 - time.time()))
for i in range(count):
    logger.debug("%s %d 😀𝔘é %s", ident, i, "x" * (i * 7 % 160))
