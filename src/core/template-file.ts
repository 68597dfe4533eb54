/** A file of a runner flake: `path` is relative, with `/`. */
export interface TemplateFile {
  readonly path: string;
  readonly executable: boolean;
  readonly content: Buffer;
}
