import type { Context } from "../core/context.ts";
import { UsageError } from "../core/errors.ts";
import { type HostUrl, orNull, parseHostUrl } from "../core/ids.ts";
import type { HostSpec, Project } from "../core/project.ts";
import { closest } from "../core/suggest.ts";
import { sshKnows } from "../remote/ssh/config.ts";
import { plainHost } from "./project.ts";

type Hosts = Pick<Project, "hosts" | "defaultHost">;

/** What a word for a host means, as far as the configuration tells. */
type HostWord =
  | { readonly means: "configured"; readonly host: HostSpec }
  | { readonly means: "ssh"; readonly url: HostUrl }
  /** It may be an alias in ssh_config, or `near` with a typo. */
  | { readonly means: "unsure"; readonly url: HostUrl; readonly near: string };

/**
 * The host that is meant: `local`, a configured name, else whatever ssh takes (`user@host`, an alias of ssh_config,
 * `ssh://…`); null: the project's default. UsageError for what resembles a configured name and is unknown to ssh.
 */
export async function selectHost(
  hosts: Hosts,
  wanted: string | null,
  context: Pick<Context, "env" | "signal">,
): Promise<HostSpec> {
  const word = wanted ?? hosts.defaultHost;
  const read = readHost(hosts, word);
  if (read.means === "configured") return read.host;
  if (read.means === "unsure" && !(await sshKnows(word, context)))
    throw new UsageError(
      `unknown host ${JSON.stringify(word)} (did you mean ${JSON.stringify(read.near)}?)`,
      {
        hint: `the configuration has ${Object.keys(hosts.hosts).join(", ")}; \`--on ${read.url}\` means a host of that name`,
      },
    );
  return plainHost(word, read.url);
}

/** The pure part of `selectHost`. UsageError for a text that cannot be a host. */
export function readHost({ hosts }: Pick<Hosts, "hosts">, word: string): HostWord {
  const host = Object.hasOwn(hosts, word) ? hosts[word] : undefined;
  if (host !== undefined) return { means: "configured", host };
  const url = sshUrl(word);
  const near = /[.@:]/.test(word) ? null : closest(word, Object.keys(hosts));
  return near === null ? { means: "ssh", url } : { means: "unsure", url, near };
}

/** `ssh://[user@]host[:port]`, from that or from what stands behind `ssh://`; IPv6 addresses get their brackets. */
function sshUrl(word: string): HostUrl {
  if (word.includes("://")) return parseHostUrl(word);
  const [, user = "", place = ""] = /^([^@]*@)?(.*)$/s.exec(word) ?? [];
  const isAddress = /^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$/.test(place);
  const url = `ssh://${user}${isAddress ? `[${place}]` : place}`;
  return orNull(parseHostUrl, url) ?? parseHostUrl(word);
}
