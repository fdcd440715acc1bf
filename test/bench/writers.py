"""Python's writers for the benchmark of writers. Usage: KIND PATH ID COUNT BEGIN_AT. KIND: clh, clh-gzip, file."""

import json
import logging
import sys
import time

kind, path, ident, count, begin = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), float(sys.argv[5]) / 1000
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
time.sleep(max(0.0, begin - time.time()))
start = time.perf_counter()
for i in range(count):
    before = time.perf_counter_ns()
    logger.debug(f"{ident} {i:012d} {pad}")
    times.append(time.perf_counter_ns() - before)
end = time.time()
times.sort()
print(json.dumps({"seconds": time.perf_counter() - start, "end": end * 1000, "p999": times[int(count * 0.999)] / 1000}))
