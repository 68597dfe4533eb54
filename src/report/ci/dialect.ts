import type { Level } from "../places/place.ts";
import type { CiService } from "./service.ts";

/** A place in the repository that a failed job spoke of. */
export interface Annotation {
  readonly level: Level;
  readonly file: string | null;
  readonly line: number | null;
  readonly title: string;
  readonly message: string;
}

/** How a service wants parts of its log to be marked. Texts are sanitised already; `id` has letters, digits, `.-_`. */
export interface Dialect {
  /** A part that is shown closed, where the service can; `seconds` is the Unix time. */
  readonly fold: (title: string, id: string, seconds: number) => string[];
  readonly endFold: (id: string, seconds: number) => string[];
  /** A heading of a part that is shown open. */
  readonly heading: (title: string) => string;
  /** Null where the service has no such thing. */
  readonly annotate: ((annotation: Annotation) => string) | null;
}

const plainHeading = (title: string) => `── ${title} ──`;

const actions: Dialect = {
  fold: (title) => [`::group::${data(title)}`],
  endFold: () => ["::endgroup::"],
  heading: plainHeading,
  annotate: null,
};

const gitlab: Dialect = {
  fold: (title, id, seconds) => [
    `\x1b[0Ksection_start:${seconds}:${sectionName(id)}[collapsed=true]\r\x1b[0K${title}`,
  ],
  endFold: (id, seconds) => [`\x1b[0Ksection_end:${seconds}:${sectionName(id)}\r\x1b[0K`],
  heading: plainHeading,
  annotate: null,
};

const buildkite: Dialect = {
  fold: (title) => [`--- ${title}`],
  endFold: () => [],
  heading: (title) => `+++ ${title}`,
  annotate: null,
};

const generic: Dialect = {
  fold: (title) => [plainHeading(title)],
  endFold: () => [],
  heading: plainHeading,
  annotate: null,
};

const DIALECTS: Readonly<Record<CiService, Dialect>> = {
  github: { ...actions, annotate: formatAnnotation },
  gitea: actions,
  forgejo: actions,
  gitlab,
  buildkite,
  generic,
};

export function dialectOf(service: CiService): Dialect {
  return DIALECTS[service];
}

/** A workflow command; its parts are escaped as GitHub's own toolkit does it. */
function formatAnnotation({ level, file, line, title, message }: Annotation): string {
  const place = file === null ? [] : [`file=${property(file)}`, ...(line === null ? [] : [`line=${line}`])];
  return `::${level} ${[...place, `title=${property(title)}`].join(",")}::${data(message)}`;
}

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

function sectionName(id: string): string {
  return `pikaci_${id.replace(/[^A-Za-z0-9_.-]/g, "_")}`;
}
