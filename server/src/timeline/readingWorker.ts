/** The thread that reads: scans files, and searches in them. */
import { GzipSource } from '../index/gzipSource.ts';
import { runScan, SCAN } from '../index/scanJob.ts';
import { serveJobs } from '../index/threadServer.ts';
import { runSearch, SEARCH } from './searchJob.ts';

// Pages are read by the main thread, which has a cache of its own.
GzipSource.keepsWhileScanning = false;

serveJobs({ [SCAN]: runScan, [SEARCH]: runSearch });
