import type { Plugin } from "esbuild";

/** What yargs imports to lay its help out. */
const LAYOUT = /^(cliui|string-width)$/;

/**
 * Bundles yargs without what lays out its help: ours is made from the table of commands (src/commands/help.ts). Measuring
 * the width of text alone takes a third of the time in which Node starts, for the tables of Unicode that it loads.
 */
export const helpFreeYargs: Plugin = {
  name: "help-free-yargs",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: LAYOUT }, ({ path, importer }) =>
      /\/yargs\/lib\/platform-shims\/[^/]+$/.test(importer)
        ? { path, namespace: "unused-layout" }
        : undefined,
    );
    onLoad({ filter: LAYOUT, namespace: "unused-layout" }, ({ path }) => ({
      contents: `export default () => { throw new Error("${path} is not bundled: yargs shows no help") }`,
    }));
  },
};
