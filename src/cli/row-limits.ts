/** A row may be no longer, in bytes: a file without line ends must not be taken into memory whole. */
export const MAX_ROW_BYTES = 128 * 1_024;
