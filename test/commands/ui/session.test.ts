import { test } from "uvu";
import * as assert from "uvu/assert";
import { Session } from "../../../src/commands/ui/session.ts";

const session = new Session(4711);
const token = session.address("127.0.0.1:4711").split("#")[1] ?? "";
const cookie = session.open(token)?.split(";")[0] ?? "";

test("the address has the token behind the fragment's sign alone", () => {
  assert.match(session.address("127.0.0.1:4711"), /^http:\/\/127\.0\.0\.1:4711\/[\w-]{43}\/#[\w-]{43}$/);
  assert.not.ok(session.base.includes(token));
  assert.not.ok(cookie.includes(token));
});

test("the cookie: not for scripts, not for other sites, not for other paths", () => {
  assert.equal(session.open(token)?.split("; ").slice(1), [
    `Path=${session.base}`,
    "HttpOnly",
    "SameSite=Strict",
  ]);
});

for (const wrong of ["", token.slice(1), `${token}x`, token.toUpperCase(), null, 5, {}])
  test(`no cookie for ${JSON.stringify(wrong)}`, () => assert.is(session.open(wrong), null));

const [name = "", value = ""] = cookie.split("=");
const COOKIES: readonly (readonly [string | undefined, boolean])[] = [
  [cookie, true],
  [`other=1; ${cookie}; more=2`, true],
  [`${name}=wrong; ${cookie}`, true],
  [undefined, false],
  ["", false],
  [name, false],
  [`${name}=`, false],
  [`${name}=${value.slice(1)}`, false],
  [`${name}=${token}`, false],
  [`pikaci-4712=${value}`, false],
  [`x${cookie}`, false],
];

for (const [header, isOpen] of COOKIES)
  test(`${isOpen ? "in" : "out"}: ${header?.replaceAll(value, "VALUE") ?? "no cookie"}`, () =>
    assert.is(session.isOpen(header), isOpen));

test("each has secrets of its own", () => {
  const other = new Session(4711);
  assert.not.ok(other.isOpen(cookie));
  assert.is(other.open(token), null);
  assert.is.not(other.base, session.base);
});

test.run();
