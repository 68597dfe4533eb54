/** Parts of `test:attack` that are test files of `npm test`. */
export const FILE_PARTS = {
  /** A `.pikaci` that came with the tree: committed, forged, of another account, symlinks in it. */
  state: [
    "test/runs/state-dir.test.ts",
    "test/system/own-directory.test.ts",
    "test/commands/foreign-state.test.ts",
    "test/commands/foreign-runs.test.ts",
    "test/operations/verify.test.ts",
  ],
  /** A work dir that is somebody else's: without a marker, with a false one, sweeps and collections in it. */
  "work-dir": ["test/host/work-dir.test.ts"],
  /** What a stranger's tree and its configuration ask for. */
  untrusted: [
    "test/config/stranger.test.ts",
    "test/tree/git/programs.test.ts",
    "test/commands/untrusted.test.ts",
    "test/lab/untrusted.test.ts",
  ],
  /** Verdicts that are out of date: the host's packages or files changed, artifacts changed; forged ones. */
  verdicts: [
    "test/runs/verdicts.test.ts",
    "test/runs/key.test.ts",
    "test/host/seen.test.ts",
    "test/commands/cache.test.ts",
    "test/lab/host-view.test.ts",
  ],
  /** Secrets on the host's disk, in command lines and in environments. */
  secrets: [
    "test/host/mask.test.ts",
    "test/host/guard-mask.test.ts",
    "test/host/unfetched.test.ts",
    "test/commands/secrets.test.ts",
  ],
  /** Unknown values in parameters and documents of a host's programs. */
  words: ["test/host/parameters.test.ts", "test/host/documents.test.ts", "test/host/launch.test.ts"],
  /** What a job leaves: archives that lead out, directories that nobody may write, links where files were. */
  artifacts: [
    "test/publish/unpack.test.ts",
    "test/host/lib/remove.test.ts",
    "test/guest/touch-changed.test.ts",
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type FilePart = keyof typeof FILE_PARTS;

export const isFilePart = (word: string): word is FilePart => Object.hasOwn(FILE_PARTS, word);
