"""Python's writers for the benchmark of writers. Usage: KIND PATH ID COUNT. KIND: clh, clh-gzip, file.

Says that it is ready, and is told when to begin, ms since the epoch.
"""

import json
import logging
import sys
import time

kind, path, ident, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
if kind == "file":
    handler = logging.FileHandler(path)
else:
    from concurrent_log_handler import ConcurrentRotatingFileHandler

    handler = ConcurrentRotatingFileHandler(path, maxBytes=10_000_000, backupCount=5, use_gzip=kind == "clh-gzip")
logger = logging.getLogger("bench")
logger.addHandler(handler)
logger.setLevel(logging.DEBUG)
pad = "x" * 84
times = []
print("ready", flush=True)
begin = float(sys.stdin.read()) / 1000
time.sleep(max(0.0, begin - time.time()))
for i in range(count):
    before = time.perf_counter_ns()
    logger.debug(f"{ident} {i:012d} {pad}")
    times.append(time.perf_counter_ns() - before)
end = time.time()
times.sort()
print(json.dumps({"end": end * 1000, "p999": times[int(count * 0.999)] / 1000}))
