import type { BytePath } from "../../core/byte-path.ts";
import type { GuardRule } from "../../core/guard-rules.ts";

/** The default size limit of a file in a snapshot, in bytes: 100 MiB. */
export const DEFAULT_MAX_FILE_SIZE = 100 * 2 ** 20;

/** Rules for the end of a path, as alternatives of a regular expression. */
const names: readonly (readonly [GuardRule, string])[] = [
  ["private-key-file", "(?:^|/)id_(?:rsa|dsa|(?:ecdsa|ed25519)(?:_sk)?)"],
  ["private-key-file", String.raw`\.(?:ppk|p12|pfx|kdbx)`],
  ["env-file", String.raw`(?:^|/)\.env[^/]*`],
  ["credentials-file", String.raw`(?:^|/)(?:[._]netrc|\.git-credentials|\.pgpass|\.vault-token)`],
  ["credentials-file", String.raw`(?:^|/)\.aws/credentials`],
  ["credentials-file", String.raw`(?:^|/)\.?gcloud/(?:credentials\.db|access_tokens\.db)`],
  ["credentials-file", String.raw`(?:^|/)application_default_credentials\.json`],
  ["credentials-file", String.raw`(?:^|/)\.azure/(?:accessTokens\.json|msal_token_cache\.(?:json|bin))`],
  ["credentials-file", String.raw`(?:^|/)\.terraform\.d/credentials\.tfrc\.json`],
  ["credentials-file", String.raw`(?:^|/)\.config/gh/hosts\.yml`],
  ["credentials-file", String.raw`(?:^|/)\.(?:cargo|gem)/credentials(?:\.toml)?`],
];

const byName = names.map(([rule, end]) => ({ rule, pattern: new RegExp(`(?:${end})$`, "s") }));
const any = new RegExp(`(?:${names.map(([, end]) => end).join("|")})$`, "s");

/** Environment files that are meant to be shared, and direnv's script. */
const shared = /(?:[._-](?:examples?|samples?|templates?|tpl|dist|defaults?|schema|vault)|(?:^|\/)\.envrc)$/;

/** The rules that a non-empty file breaks by its path or its size. */
export function pathFindings(path: BytePath, size: number, maxFileSize: number): readonly GuardRule[] {
  const large: readonly GuardRule[] = size > maxFileSize ? ["large-file"] : [];
  if (size === 0 || !any.test(path)) return large;
  const hits = byName.filter(({ pattern }) => pattern.test(path)).map(({ rule }) => rule);
  return [...large, ...hits.filter((rule) => rule !== "env-file" || !shared.test(path))];
}
