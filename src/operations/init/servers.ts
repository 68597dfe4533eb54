import type { JobInput } from "./tool.ts";

type Service = NonNullable<JobInput["services"]>[string];

/** A server as a service, with what its comment says. */
interface Server {
  readonly service: Service;
  readonly note: string;
}

type Variables = Readonly<Record<string, string>>;

const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What takes the place of a container image that only brings a server: the host's program; null where there is none known. */
export function serverOf(image: string, variables: Variables): Server | null {
  const name = /(?:^|\/)([a-z0-9-]+)(?:[:@].*)?$/.exec(image)?.[1] ?? "";
  if (name === "postgres") return postgres(image, variables);
  if (name === "redis" || name === "valkey")
    return {
      service: {
        command: "exec redis-server --dir /tmp --save '' --appendonly no",
        ready: '[ "$(redis-cli PING)" = PONG ]',
      },
      note: `${image}: the host's redis-server, on localhost:6379`,
    };
  if (name === "memcached")
    return {
      service: {
        command: ["memcached", "-l", "127.0.0.1"],
        ready: ["bash", "-c", ": >/dev/tcp/127.0.0.1/11211"],
      },
      note: `${image}: the host's memcached, on localhost:11211`,
    };
  return null;
}

/** Null for a user or database that would need quoting in SQL. */
function postgres(image: string, variables: Variables): Server | null {
  const user = variables["POSTGRES_USER"] ?? "postgres";
  const database = variables["POSTGRES_DB"] ?? user;
  if (!PLAIN.test(user) || !PLAIN.test(database)) return null;
  const lines = [
    "set -e",
    "for bin in /usr/lib/postgresql/*/bin; do PATH=$bin:$PATH; done",
    `initdb --no-sync --auth=trust --encoding=UTF8 --username=${user} --pgdata=/tmp/postgres`,
    ...(database === "postgres"
      ? []
      : [`echo 'CREATE DATABASE ${database}' | postgres --single -D /tmp/postgres postgres`]),
    "exec postgres -D /tmp/postgres -F -k /tmp",
  ];
  return {
    service: {
      command: lines.join("\n"),
      ready: `for bin in /usr/lib/postgresql/*/bin; do PATH=$bin:$PATH; done; pg_isready -q -h localhost -U ${user}`,
    },
    note: `${image}: the host's PostgreSQL (Debian: postgresql), on localhost:5432, any password`,
  };
}

/** A name as services have it: of an image or another tool's name. */
export function serviceName(text: string): string {
  const name = text
    .replace(/[:@].*$/, "")
    .replace(/^.*\//, "")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "");
  return name.slice(0, 60) || "service";
}
