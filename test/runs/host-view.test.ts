import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseHostUrl } from "../../src/core/ids.ts";
import type { HostSession } from "../../src/remote/session.ts";
import { findHostView, hostParts, NO_HOST_PARTS, rememberHost } from "../../src/runs/host-view.ts";
import { makeContext, removeWorkspaces } from "../workspace.ts";

const test = suite("what guests see of a host");
test.after(removeWorkspaces);

const digest = (digit: string) => digit.repeat(64);
const seen = { packages: digest("1"), local: digest("2"), etc: digest("3"), names: digest("4") };
const view = { system: "x86_64-linux", seen, busybox: digest("5") };
const shown = {
  "host packages": seen.packages,
  "host /usr/local": seen.local,
  "host /etc": seen.etc,
  "host architecture": "x86_64-linux",
};

test("a guest that is shown /usr has all of it, with the host's network also the names", () => {
  for (const backend of ["sandbox", "minivm"] as const)
    assert.equal(hostParts(backend, "none", view), shown, backend);
  assert.equal(hostParts("minivm", "user", view), shown);
  assert.equal(hostParts("sandbox", "host", view), { ...shown, "host /etc": `${seen.etc} ${seen.names}` });
});

test("others have none of it: NixOS in a machine its own, a build the host's busybox", () => {
  assert.equal(hostParts("microvm", "none", view), NO_HOST_PARTS);
  const built = hostParts("derivation", "none", view);
  assert.equal(built, { ...NO_HOST_PARTS, "host packages": `busybox ${view.busybox}` });
});

test("what the host did not say is not made up", () => {
  assert.is(hostParts("sandbox", "none", { ...view, seen: null }), null);
  assert.is(hostParts("derivation", "none", { ...view, busybox: null }), null);
});

const url = parseHostUrl("local");

function sessionThat(facts: Partial<typeof view>): HostSession {
  const whole = { ...{ system: view.system, seen: null, busybox: null }, ...facts };
  return { connection: { host: { url } }, facts: whole } as unknown as HostSession;
}

test("it is remembered by host; what was not asked stays", () => {
  const context = makeContext();
  assert.is(findHostView(url, context), null);
  rememberHost(sessionThat({ seen }), context);
  rememberHost(sessionThat({ busybox: view.busybox }), context);
  assert.equal(findHostView(url, context), { schema_version: 1, host: url, ...view });
  rememberHost(sessionThat({}), context);
  assert.equal(findHostView(url, context)?.seen, seen);
  assert.is(findHostView("ssh://other", context), null);
  assert.equal(context.events, []);
});

test("a document that is cut, of another kind or of another host is none, and is replaced", () => {
  const context = makeContext();
  rememberHost(sessionThat({ seen }), context);
  const directory = join(context.memory.directory ?? "", "hosts");
  const [name = ""] = readdirSync(directory);
  const others = { schema_version: 1, host: "ssh://b", ...view };
  for (const text of [
    "",
    "{",
    "null",
    JSON.stringify({ ...others, host: url, seen: {} }),
    JSON.stringify(others),
  ]) {
    writeFileSync(join(directory, name), text);
    assert.is(findHostView(url, context), null, text);
  }
  rememberHost(sessionThat({ seen }), context);
  assert.equal(findHostView(url, context)?.seen, seen);
});

test("where it cannot be written the run goes on, with a warning", () => {
  const context = makeContext();
  mkdirSync(context.memory.directory ?? "", { recursive: true });
  writeFileSync(join(context.memory.directory ?? "", "hosts"), "");
  rememberHost(sessionThat({ seen }), context);
  const [event] = context.events;
  assert.match(event?.type === "warning" ? event.message : "", "what guests see of local is not remembered");
});

test.run();
