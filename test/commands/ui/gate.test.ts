import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Asked, refusal } from "../../../src/commands/ui/gate.ts";

const AUTHORITY = "127.0.0.1:4711";
const ORIGIN = `http://${AUTHORITY}`;

const get: Asked = {
  method: "GET",
  host: AUTHORITY,
  origin: undefined,
  site: undefined,
  contentType: undefined,
};
const post: Asked = { ...get, method: "POST", origin: ORIGIN, contentType: "application/json" };

const TABLE: readonly (readonly [string, Asked, number | null])[] = [
  ["a program", get, null],
  ["an address that was typed", { ...get, site: "none" }, null],
  ["a link of a page", { ...get, site: "same-origin" }, null],
  ["the page's script", { ...post, site: "same-origin" }, null],
  ["its type with a parameter", { ...post, contentType: "application/json; charset=utf-8" }, null],
  ["HEAD", { ...get, method: "HEAD" }, null],
  ["another name for this machine", { ...get, host: "localhost:4711" }, 421],
  ["a name that leads here (DNS rebinding)", { ...get, host: "attacker.example:4711" }, 421],
  ["our address below another name", { ...get, host: `${AUTHORITY}.attacker.example` }, 421],
  ["another port", { ...get, host: "127.0.0.1:4712" }, 421],
  ["no port", { ...get, host: "127.0.0.1" }, 421],
  ["no host", { ...get, host: undefined }, 421],
  ["another page's script", { ...get, origin: "http://attacker.example" }, 403],
  ["a page of another port", { ...get, origin: "http://127.0.0.1:4712" }, 403],
  ["a page in a sandbox, or a file", { ...get, origin: "null" }, 403],
  ["our address over TLS", { ...get, origin: `https://${AUTHORITY}` }, 403],
  ["another page's link", { ...get, site: "cross-site" }, 403],
  ["a link of another port's page", { ...get, site: "same-site" }, 403],
  ["a form, which has no such type", { ...post, contentType: "application/x-www-form-urlencoded" }, 415],
  ["a form that claims to be text", { ...post, contentType: "text/plain" }, 415],
  ["a POST without a type", { ...post, contentType: undefined }, 415],
  ["a type that only begins so", { ...post, contentType: "application/json-patch+json" }, 415],
  ["a POST that does not say where from", { ...post, origin: undefined }, 403],
  ["a POST of another page", { ...post, origin: "http://attacker.example" }, 403],
  ["OPTIONS", { ...get, method: "OPTIONS", origin: ORIGIN }, 405],
  ["PUT", { ...post, method: "PUT" }, 405],
  ["CONNECT", { ...get, method: "CONNECT" }, 405],
];

for (const [what, asked, status] of TABLE)
  test(`${what}: ${status ?? "let in"}`, () => assert.is(refusal(asked, AUTHORITY)?.status ?? null, status));

test.run();
