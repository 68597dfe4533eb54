import { test } from "uvu";
import * as assert from "uvu/assert";
import { InfraError, TrustError } from "../../../src/core/errors.ts";
import { parseHostUrl } from "../../../src/core/ids.ts";
import { backOff, sessionRefused, sshError, turnedAway } from "../../../src/remote/ssh/errors.ts";
import {
  aliveMs,
  aliveWords,
  channelWords,
  checkWords,
  connectMs,
  masterWords,
  nixSshOptions,
  sshOptionWords,
  sshTarget,
} from "../../../src/remote/ssh/words.ts";

const url = parseHostUrl("ssh://ci@build-1:2222");

/** What OpenSSH 9.2 wrote, where the error is, what the message and the hint must hold. */
const table: [string, string, string, string][] = [
  [
    "No ED25519 host key is known for [build-1]:2222 and you have requested strict checking.\r\nHost key verification failed.\r\n",
    "trust",
    "not known here",
    "`ssh-keyscan -p 2222 build-1 | ssh-keygen -lf -`",
  ],
  [
    "@@@@@@@@@\r\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\n@@@@@@@@@\r\nHost key for build-1 has changed and you have requested strict checking.\r\nHost key verification failed.\r\n",
    "trust",
    "another host key than the one that is known",
    "ssh-keygen -R '[build-1]:2222'",
  ],
  [
    "ssh: Could not resolve hostname build-1: Name or service not known\r\n",
    "network",
    "does not resolve: ssh: Could not resolve",
    "~/.ssh/config",
  ],
  [
    "ssh: connect to host build-1 port 2222: Connection refused\r\n",
    "network",
    "refused the connection",
    "port 2222",
  ],
  [
    "ssh: connect to host build-1 port 2222: No route to host\r\n",
    "network",
    "no route",
    "check the network",
  ],
  ["ssh: connect to host build-1 port 2222: Network is unreachable\r\n", "network", "no route", "network"],
  [
    "ssh: connect to host build-1 port 2222: Connection timed out\r\n",
    "network",
    "did not answer in time",
    "",
  ],
  [
    "Connection timed out during banner exchange\r\nConnection to 10.0.0.1 port 2222 timed out\r\n",
    "network",
    "accepted the connection and then said nothing",
    "try `ssh -p 2222 ci@build-1 true`",
  ],
  ["ci@build-1: Permission denied (publickey).\r\n", "host", "does not let this user in", "ssh-add"],
  [
    "Received disconnect from 10.0.0.1 port 22:2: Too many authentication failures\r\nDisconnected from 10.0.0.1 port 22\r\n",
    "host",
    "does not let this user in",
    "ssh-add",
  ],
  [
    "kex_exchange_identification: read: Connection reset by peer\r\nConnection reset by 10.0.0.1 port 2222\r\n",
    "network",
    "closed the connection before it was open",
    "MaxStartups",
  ],
  [
    "Unable to negotiate with 10.0.0.1 port 22: no matching host key type found. Their offer: ssh-dss\r\n",
    "host",
    "no method in common",
    "try",
  ],
  [
    "command-line: line 0: Bad configuration option: nosuch\r\n",
    "client",
    "with these ssh options: command-line: line 0",
    "NIX_SSHOPTS",
  ],
  [
    "/bin/bash: line 1: exec: no-such-proxy: not found\nkex_exchange_identification: Connection closed by remote host\r\n",
    "client",
    "its ProxyCommand does not start: /bin/bash",
    "fix ProxyCommand in ~/.ssh/config",
  ],
  [
    "/bin/sh: 1: exec: no-such-proxy: not found\n",
    "client",
    "its ProxyCommand does not start: /bin/sh",
    "fix ProxyCommand",
  ],
  ["bash: line 1: greet: command not found\n", "network", "was lost", "check the network"],
  [
    "kex_exchange_identification: Connection closed by remote host\r\nsh: 1: exec: /opt/proxy: Permission denied\n",
    "client",
    "its ProxyCommand does not start: kex_exchange",
    "fix ProxyCommand",
  ],
  [
    "ssh: connect to host jump port 22: Permission denied\r\nkex_exchange_identification: Connection closed by remote host\r\n",
    "host",
    "does not let this user in",
    "ssh-add",
  ],
  ["something new\r\n", "network", "was lost: something new", "check the network"],
  ["", "network", "accepted the connection but did not answer", "try `ssh -p 2222 ci@build-1 true`"],
];

test("ssh's words become an error with its place, its reason and the next step", () => {
  for (const [stderr, where, message, hint] of table) {
    const error = sshError(url, stderr, "opening");
    assert.is(error instanceof InfraError ? error.where : error.kind, where, stderr);
    assert.is(error.exitCode, where === "trust" ? 4 : 3);
    assert.match(error.message, message);
    assert.match(error.message, url);
    assert.match(error.hint ?? "", hint);
    assert.not.match(error.message, "\r");
  }
});

test("what a host writes to look like a ProxyCommand that does not start costs little", () => {
  const started = process.cpuUsage();
  for (const part of ["sh: ", "sh: exec: ", `sh: ${"exec: ".repeat(9)}`])
    sshError(url, `kex_exchange_identification\n${part.repeat(200_000 / part.length)}`, "opening");
  assert.ok(process.cpuUsage(started).user < 10_000_000);
});

/** The beginnings of ssh's lines that have something of the host's in the middle. */
const BEGUN = [
  "Host key for ",
  "banner exchange: ",
  "Timeout, server ",
  "no matching ",
  "Connection closed by ",
];
for (const begun of BEGUN)
  test(`a host that writes "${begun}" again and again costs little`, () => {
    const started = process.cpuUsage();
    sshError(url, begun.repeat(1_500_000 / begun.length), "opening");
    turnedAway(begun.repeat(1_500_000 / begun.length), 100, 15_000, 30_000);
    assert.ok(process.cpuUsage(started).user < 10_000_000);
  });

test("on an open connection every end is a loss, except of trust", () => {
  const lost = sshError(url, "Connection to build-1 closed by remote host.\r\n", "answered");
  assert.match(lost.message, "was lost: Connection to build-1 closed");
  assert.match(
    sshError(url, "Timeout, server build-1 not responding.\r\n", "answered").message,
    "was lost: Timeout",
  );
  assert.instance(sshError(url, "Host key verification failed.\r\n", "answered"), TrustError);
});

test("a default port is not written out", () => {
  const error = sshError(parseHostUrl("ssh://build-1"), "Host key verification failed.", "opening");
  assert.match(error.hint ?? "", "accept it by `ssh build-1 true`");
});

test("what passes is told from what stays", () => {
  assert.ok(
    turnedAway("kex_exchange_identification: Connection closed by remote host\r\n", 20_000, 45_000, 10_000),
  );
  assert.ok(turnedAway("Connection reset by 10.0.0.1 port 22\r\n", 20_000, 45_000, 10_000));
  for (const [stderr] of table.filter(([, , message]) => !message.includes("before it was open")))
    assert.not.ok(turnedAway(stderr, 20_000, 45_000, 10_000), stderr);
  // OpenSSH 10 at LogLevel=ERROR.
  assert.ok(turnedAway("", 100, 45_000, 10_000));
  assert.ok(turnedAway("", 8_000, aliveMs(120_000), connectMs(6_000)));
  assert.ok(turnedAway("", 20_000, aliveMs(120_000), connectMs(120_000)));
  assert.not.ok(turnedAway("", 6_100, aliveMs(6_000), connectMs(6_000)));
  assert.not.ok(turnedAway("", 30_100, aliveMs(120_000), connectMs(120_000)));
  assert.ok(
    sessionRefused("mux_client_request_session: session request failed: Session open refused by peer\r\n"),
  );
  assert.not.ok(sessionRefused("Connection refused"));
});

test("back-off doubles, scatters and ends", () => {
  assert.equal(
    [1, 2, 3, 4, 5, 6, 11, 12].map((attempt) => backOff(attempt, 0.5)),
    [200, 400, 800, 1600, 3200, 3200, 3200, null],
  );
  assert.is(backOff(1, 0), 100);
  assert.ok((backOff(1, 0.999) ?? 0) < 300);
});

test("a url has its parts, IPv6 without brackets", () => {
  const parts = (text: string) => Object.values(sshTarget(parseHostUrl(text)));
  assert.equal(parts("ssh://build-1"), ["build-1", "build-1", null]);
  assert.equal(parts("ssh://ci@build-1:2222"), ["ci@build-1", "build-1", "2222"]);
  assert.equal(parts("ssh://ci@[fe80::1]:22"), ["ci@fe80::1", "fe80::1", "22"]);
});

test("the caller's options come before our defaults and after what must hold", () => {
  const extra = [...sshOptionWords(" -F  /x\n-o ConnectTimeout=1 "), ...aliveWords(6_000)];
  const words = masterWords(sshTarget(url), "/tmp/s/c", extra, "cmd");
  assert.equal(words.slice(0, 4), ["ssh", "-M", "-S", "/tmp/s/c"]);
  assert.ok(words.indexOf("BatchMode=yes") < words.indexOf("-F"));
  assert.ok(words.indexOf("ConnectTimeout=1") < words.indexOf("ConnectTimeout=10"));
  assert.ok(words.indexOf("ConnectTimeout=1") < words.indexOf("StrictHostKeyChecking=yes"));
  assert.ok(
    words.indexOf("-F") < words.indexOf("IgnoreUnknown=*"),
    "an unknown word of the caller's is an error",
  );
  assert.ok(words.indexOf("IgnoreUnknown=*") < words.indexOf("StdinNull=no"));
  assert.equal(words.slice(-3), ["--", "ci@build-1", "cmd"]);
  assert.equal(words.slice(words.indexOf("-p"), words.indexOf("-p") + 2), ["-p", "2222"]);
});

test("a silent host is given up after 45 s, or when most of its lease is left to reach it again", () => {
  const cases = [
    [1, 1, 10],
    [6_000, 1, 10],
    [30_000, 4, 10],
    [60_000, 8, 15],
    [120_000, 15, 30],
    [3_600_000, 15, 30],
  ] as const;
  for (const [leaseMs, seconds, greeting] of cases)
    assert.equal(aliveWords(leaseMs), [
      "-o",
      `ServerAliveInterval=${seconds}`,
      "-o",
      "ServerAliveCountMax=3",
      "-o",
      `ConnectTimeout=${greeting}`,
    ]);
});

test("a master is asked through its own socket alone", () => {
  assert.is(
    checkWords(sshTarget(url), "/tmp/s/c").join(" "),
    "ssh -F /dev/null -S /tmp/s/c -o ControlMaster=no -o ProxyCommand=false -T -o BatchMode=yes -o LogLevel=ERROR -p 2222 -O check -- ci@build-1",
  );
});

test("a channel uses the master or fails", () => {
  const through =
    "-F /dev/null -S /tmp/s/c -o ControlMaster=no -o ProxyCommand=false -T -o BatchMode=yes -o LogLevel=ERROR -p 2222";
  assert.is(channelWords(sshTarget(url), "/tmp/s/c", "cmd").join(" "), `ssh ${through} -- ci@build-1 cmd`);
  assert.is(nixSshOptions(sshTarget(url), "/tmp/s/c"), through);
});

test.run();
