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
  readonly dev?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface Lock {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

export const SYSTEMS: Readonly<
  Record<string, { readonly os: string; readonly cpu: string; readonly libc: string | null }>
>;

export function packageLock(lock: Lock): Lock;
export function packageManifest<Manifest extends { devDependencies?: Readonly<Record<string, string>> }>(
  manifest: Manifest,
): Manifest;
export function tarballs(lock: Lock, system: string): Tarball[];
export function digest(lock: Lock, system: string): string;
export function resolvedLock(lock: Lock, directory: string): Lock;
