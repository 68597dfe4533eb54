import { test } from "uvu";
import * as assert from "uvu/assert";
import { debianArchive, parseAptSources } from "./archive.ts";
import { slotAddresses } from "./network.ts";
import { countSshLog } from "./sshlog.ts";

const DEB822 = `# a comment
Types: deb deb-src
URIs: http://mirror.test/debian-security
Suites: bookworm-security

Types: deb
# http://elsewhere.test/debian
URIs: http://mirror.test/debian
 http://second.test/debian/
Suites: bookworm bookworm-updates
Components: main

Types: deb
Enabled: no
URIs: http://off.test/debian
Suites: bookworm
`;

test("deb822 sources: several URIs and suites, comments and switched-off stanzas", () => {
  assert.equal(parseAptSources("debian.sources", DEB822), [
    { uri: "http://mirror.test/debian-security", suite: "bookworm-security" },
    { uri: "http://mirror.test/debian", suite: "bookworm" },
    { uri: "http://mirror.test/debian", suite: "bookworm-updates" },
    { uri: "http://second.test/debian/", suite: "bookworm" },
    { uri: "http://second.test/debian/", suite: "bookworm-updates" },
  ]);
});

test("one-line sources: options, comments and deb-src", () => {
  const text = [
    "#deb http://off.test/debian bookworm main",
    "deb-src http://mirror.test/debian bookworm main",
    "deb [arch=amd64 signed-by=/k.gpg] http://mirror.test/debian/ bookworm main",
  ].join("\n");
  assert.equal(parseAptSources("sources.list", text), [
    { uri: "http://mirror.test/debian/", suite: "bookworm" },
  ]);
});

test("the main archive is found among others, without a trailing slash", () => {
  assert.is(debianArchive(parseAptSources("debian.sources", DEB822)), "http://mirror.test/debian");
  assert.is(debianArchive([{ uri: "http://tool.test/apt", suite: "stable" }]), undefined);
  assert.is(debianArchive([{ uri: "http://mirror.test/debian/", suite: "./" }]), undefined);
});

test("sshd's log is counted by connection and session", () => {
  const log = [
    "Server listening on 0.0.0.0 port 22.",
    'Connection from 10.77.0.1 port 40338 on 10.77.0.2 port 22 rdomain ""',
    "Starting session: command for ci from 10.77.0.1 port 40338 id 0",
    "Starting session: subsystem 'sftp' for ci from 10.77.0.1 port 40338 id 1",
    "Connection closed by 10.77.0.1 port 40339 [preauth]",
  ].join("\n");
  assert.equal(countSshLog(log), { connections: 1, commands: 2 });
});

test("each slot has a /30 of its own in 10.77.0.0/16", () => {
  assert.equal(slotAddresses(0), { near: "10.77.0.1", far: "10.77.0.2" });
  assert.equal(slotAddresses(63), { near: "10.77.0.253", far: "10.77.0.254" });
  assert.equal(slotAddresses(64), { near: "10.77.1.1", far: "10.77.1.2" });
  assert.equal(slotAddresses(16383), { near: "10.77.255.253", far: "10.77.255.254" });
});

test.run();
