export interface Tarball {
  readonly spec: string;
  readonly file: string;
  readonly integrity: string;
}

export interface LockEntry {
  readonly name?: string;
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
}

export interface Lock {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

export function tarballs(lock: Lock): Tarball[];
export function digest(lock: Lock): string;
export function resolvedLock(lock: Lock, directory: string): Lock;
