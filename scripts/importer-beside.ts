import type { Plugin } from "esbuild";

/** Leaves src/system/import-module.ts out of the program: it lies beside it and is required when it is called for. */
export const importerBeside: Plugin = {
  name: "importer-beside",
  setup({ onResolve }) {
    onResolve({ filter: /\/import-module\.ts$/ }, ({ kind }) =>
      kind === "dynamic-import" ? { path: "./import-module.cjs", external: true } : undefined,
    );
  },
};
