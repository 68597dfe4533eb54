/** Version of every JSON document that pikaci writes. */
export const SCHEMA_VERSION = 1;
