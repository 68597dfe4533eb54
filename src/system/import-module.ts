/**
 * `import(url)`, a `file:` URL. In a file of its own beside the bundled program too: in code that V8 kept compiled
 * (compiled.ts), `import()` fails.
 */
export async function importModule(url: string): Promise<unknown> {
  const module: unknown = await import(url);
  return module;
}
