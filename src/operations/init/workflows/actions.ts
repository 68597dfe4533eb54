/** Actions that only bring programs, which this machine may have. */
const SETUPS: Readonly<Record<string, readonly string[]>> = {
  "actions/setup-node": ["node"],
  "actions/setup-go": ["go"],
  "actions/setup-python": ["python3"],
  "actions/setup-java": ["java"],
  "pnpm/action-setup": ["pnpm"],
  "dtolnay/rust-toolchain": ["cargo"],
  "actions-rust-lang/setup-rust-toolchain": ["cargo"],
  "astral-sh/setup-uv": ["uv"],
  "oven-sh/setup-bun": ["bun"],
  "extractions/setup-just": ["just"],
  "arduino/setup-task": ["task"],
};

/** Actions that a guest does not need: the tree is there, and what is kept is configured otherwise. */
const NEEDLESS = [
  "actions/checkout",
  "actions/cache",
  "Swatinem/rust-cache",
  "actions/upload-artifact",
  "actions/download-artifact",
];

/** What an action is to a job here: nothing, programs that it brings, or something that only GitHub has. */
export function actionOf(uses: string): "needless" | "unknown" | readonly string[] {
  const [name = ""] = uses.split("@");
  if (NEEDLESS.includes(name)) return "needless";
  return (Object.hasOwn(SETUPS, name) ? SETUPS[name] : null) ?? "unknown";
}
