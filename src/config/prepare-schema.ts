import * as z from "zod";
import { parseInstallable } from "../nix/installable.ts";
import { complaint } from "./complaint.ts";
import { object } from "./fields.ts";
import { text, word } from "./words.ts";

const installable = z.string().superRefine((value, check) => {
  const problem = complaint(() => parseInstallable(value));
  if (problem !== null) check.addIssue({ code: "custom", message: problem });
});

const at = z
  .union([text, z.array(text)])
  .optional()
  .describe("Where below /workspace it is mounted too: a relative path, or a list of them");

/** An output or a path that a job finds below /prepared, as it is written. */
export const preparedOutput = z
  .union(
    [
      installable,
      object({
        path: word.describe("Path of the client, relative to the workspace or absolute"),
        exclude: z
          .array(text)
          .optional()
          .describe(
            "Globs below the path of what is left out of it; default `.vite`, `.vite-temp` and `.cache` at the top of every `node_modules`",
          ),
        at,
      }),
      object({
        installable: installable.describe("Flake output of the workspace: [dir]#attribute"),
        from: z
          .enum(["host", "local"], { error: 'expected "host" or "local"' })
          .optional()
          .describe("Who builds it; local: this machine, which sends it; default host"),
        at,
      }),
    ],
    {
      error: 'expected "dir#attr", { "path": "node_modules" } or { "installable": "dir#attr" }',
    },
  )
  .describe("A flake output of the workspace, or a path of the client, mounted at /prepared/<name>");
