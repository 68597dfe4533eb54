/** Something that a host lacks, and how to get it there. */
export interface Problem {
  readonly what: string;
  readonly fix: string;
}
