/** Seconds of silence after which the host gives an upload up; the product's own default is 30. */
export const IDLE_SECONDS = 4;
/** The session's lease; the product's own default is two minutes. */
export const LEASE_MS = 3_000;
/** The next publication has to succeed within this many seconds of the fault's end. */
export const NEXT_SECONDS = 60;
/** After a fault, everything that dead clients left running has to be gone within this many seconds. */
export const GONE_SECONDS = 15;
