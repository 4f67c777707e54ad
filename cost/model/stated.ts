/**
 * How AWS behaves where no template and no meter says it: stated, with where it comes from. What is about the traffic
 * or the PSP stands in the mix instead.
 */

export const GIB = 2 ** 30;
export const MEGABYTES_PER_GB = 1_024;
export const HOURS_PER_MONTH = 730;
export const SECONDS_PER_MONTH = HOURS_PER_MONTH * 3_600;
export const DAYS_PER_MONTH = HOURS_PER_MONTH / 24;

/** Lambda gives a function one whole core at so much memory, and below it a share in proportion (Lambda's docs). */
export const MEMORY_OF_ONE_CORE_MB = 1_769;

/** DynamoDB adds so much to each item and index entry when it counts storage (DynamoDB's docs, item sizes). */
export const ITEM_OVERHEAD_BYTES = 100;

/** A partition splits at 10 GB; between two splits it is on average three quarters full. */
export const PARTITION_GIB = 7.5;
/** Write units a second that one partition takes. */
export const PARTITION_WRITE_UNITS = 1_000;
/** A new table on demand. A stream has one shard for each partition. */
export const LEAST_PARTITIONS = 4;

/** With no window of its own, Lambda asks each shard of a stream four times a second (Lambda's docs). */
export const STREAM_POLL_SECONDS = 0.25;

/** Lambda's long polls of a queue with nothing in it: five at once, of 20 s (Lambda's docs). */
export const QUEUE_POLLERS = 5;
export const LONG_POLL_SECONDS = 20;
/** One request to SQS and its answer with the headers of both, as the fleet makes them. */
export const QUEUE_REQUEST_BYTES = 2_500;
/** Of the messages sent together, this share of a sender's others comes in the same receive: SQS keeps several hosts. */
export const RECEIVED_TOGETHER = 0.5;

/** Share of one core that two cores of a t4g.small may use for ever (20 % each), on which a fleet's worker is counted. */
export const BASELINE_CORES = 0.4;

/** Lambda's own lines for one invocation in JSON (start, report), where they are written. */
export const PLATFORM_LINES_BYTES = 700;
/** The application's own line for a request, at the level `info`. */
export const REQUEST_LINE_BYTES = 250;
/** CloudWatch counts so much more for each event. */
export const LOG_EVENT_BYTES = 26;
/** Stored logs are counted compressed. */
export const LOGS_COMPRESSED = 0.2;
/** One record of the firewall's log. */
export const FIREWALL_LOG_BYTES = 1_500;
/** One record of a flow log, and of CloudTrail, and of S3's access log. */
export const FLOW_RECORD_BYTES = 130;
export const TRAIL_EVENT_BYTES = 1_500;
export const BUCKET_LOG_BYTES = 500;
/** Flow records for one call of a PSP, over connections that are kept: both ways, at the function and at the NAT. */
export const FLOW_RECORDS_PER_CALL = 0.4;

/** X-Ray where nobody before has decided: the first request of each second, and of the others so many (X-Ray's docs). */
export const TRACED_BY_DEFAULT = 0.05;

/** Under a key of one's own DynamoDB asks KMS once in five minutes for each role and table; logs and topics little. */
export const KMS_REQUESTS = 100_000;

/** Metrics that the agent of one instance of the fleet sends, once a minute together. */
export const AGENT_REQUESTS_PER_MINUTE = 1;

/** A month's logs kept for so long, in months. */
export const LOGS_KEPT_MONTHS = { dev: 7 / DAYS_PER_MONTH, prod: 12 } as const;

/** Cold storage of AWS Backup is charged for 90 days at least. */
export const LEAST_COLD_DAYS = 90;

/** What hashes the body of a call-back at the edge takes: some KB, at 128 MB. */
export const EDGE_HASH_SECONDS = 0.005;
/** One line of CloudFront's access log with the fields that are asked for, compressed. */
export const EDGE_LOG_BYTES = 60;

/** `Prefer: wait` holds a request on AWS for this long at the most; relay and worker gather for nearly as long. */
export const LONGEST_WAIT_SECONDS = 3;
