/** Which part of the world broke; recorded with an `infra` verdict. */
export type InfraWhere = "host" | "network" | "disk" | "nix" | "client";

/** What an error has in addition to its message. */
export interface PikaciErrorOptions {
  /** The command to type or the change to make next. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** An expected failure with a message for people; `exitCode` is one of docs/exit-codes.md. */
export abstract class PikaciError extends Error {
  abstract readonly kind: string;
  abstract readonly exitCode: number;
  readonly hint: string | undefined;

  constructor(message: string, options: PikaciErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.hint = options.hint;
  }
}

/** The command line is wrong. Exit 2. */
export class UsageError extends PikaciError {
  readonly kind = "usage";
  readonly exitCode = 2;
}

/** The configuration is missing or wrong; the message names the path in it. Exit 2. */
export class ConfigError extends PikaciError {
  readonly kind = "config";
  readonly exitCode = 2;
}

/** Host, network, disk, nix or the client's own machine failed. Exit 3. */
export class InfraError extends PikaciError {
  readonly kind = "infra";
  readonly exitCode = 3;
  readonly where: InfraWhere;

  constructor(where: InfraWhere, message: string, options: PikaciErrorOptions = {}) {
    super(message, options);
    this.where = where;
  }
}

/** A host program was ended by a signal while the connection stayed up; what it left on the host is still there. */
export class ProgramKilled extends InfraError {}

/** An unknown or changed host key, or a signature that is not trusted. Exit 4. */
export class TrustError extends PikaciError {
  readonly kind = "trust";
  readonly exitCode = 4;
}

/** The tree cannot be taken as a snapshot: it keeps changing, or contains something that cannot be sent. Exit 5. */
export class SnapshotRefused extends PikaciError {
  readonly kind = "snapshot";
  readonly exitCode = 5;
}

/** A file is no longer what it was when it was hashed: a new snapshot may succeed. Exit 5. */
export class TreeChanged extends SnapshotRefused {}

/** A published snapshot or runner does not match its hash. Exit 3. */
export class MismatchError extends PikaciError {
  readonly kind = "mismatch";
  readonly exitCode = 3;
}

/** A deadline passed while booting, running or preparing. Exit 124. */
export class TimeoutError extends PikaciError {
  readonly kind = "timeout";
  readonly exitCode = 124;
}

/** The user asked to stop. Exit 130 for SIGINT, 143 for SIGTERM. */
export class CancelledError extends PikaciError {
  readonly kind = "cancelled";
  readonly exitCode: 130 | 143;

  constructor(
    signal: "SIGINT" | "SIGTERM",
    options: PikaciErrorOptions & { readonly message?: string } = {},
  ) {
    super(options.message ?? `cancelled by ${signal}`, options);
    this.exitCode = signal === "SIGINT" ? 130 : 143;
  }
}

/** The reason of an aborted signal as an error to throw; a reason that is not pikaci's own counts as SIGINT. */
export function abortError(signal: AbortSignal): PikaciError {
  return signal.reason instanceof PikaciError
    ? signal.reason
    : new CancelledError("SIGINT", { cause: signal.reason });
}
