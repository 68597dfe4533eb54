import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeDirectory, removeWorkspaces, writeFiles } from "../workspace.ts";
import { callHost, GNU_TOOLS, SHELLS } from "./call.ts";

const test = suite("what guests are shown of a host's /etc");
test.after(removeWorkspaces);

const PACKAGES = "0".repeat(64);
/** What is in every copy, to be covered by the guest's own. */
const COVERED = [
  ..."group hosts machine-id os-release passwd protocols resolv.conf services".split(" "),
] as const;

type Tree = Readonly<Record<string, string | { readonly to: string } | { readonly closed: number }>>;

/** A made-up host: files, links, and modes of what is closed to some. */
function makeHost(tree: Tree): string {
  const root = makeDirectory();
  mkdirSync(join(root, "etc"));
  chmodSync(join(root, "etc"), 0o755);
  for (const [path, what] of Object.entries(tree)) {
    if (typeof what === "string") {
      writeFiles(root, { [path]: what });
      chmodSync(join(root, path), 0o644);
    } else if ("to" in what) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      symlinkSync(what.to, join(root, path));
    } else chmodSync(join(root, path), what.closed);
  }
  return root;
}

interface Shown {
  readonly workDir: string;
  readonly digest: string;
  /** Without what is in every copy. */
  readonly paths: readonly string[];
  readonly copy: string;
}

function show(
  root: string,
  { shell = "dash", workDir = makeDirectory() }: { shell?: (typeof SHELLS)[number]; workDir?: string } = {},
): Shown {
  const { status, stdout, stderr } = callHost(shell, ["busybox", "etc", "seen"], ["tell", root, PACKAGES], {
    params: { work_dir: workDir },
    before: `${GNU_TOOLS}\ntell() { show_etc "$@" && printf %s "$etc"; }`,
  });
  assert.equal([status, stderr], [0, ""]);
  assert.match(stdout, /^[0-9a-f]{64}$/);
  const copy = join(workDir, "etc/current");
  assert.equal(
    COVERED.filter((name) => !existsSync(join(copy, name))),
    [],
  );
  const paths = listFiles(copy).filter((path) => !COVERED.some((name) => name === path));
  return { workDir, digest: stdout, paths, copy };
}

function listFiles(dir: string, below = ""): string[] {
  return readdirSync(join(dir, below), { withFileTypes: true })
    .flatMap((entry) => {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      return entry.isDirectory() ? listFiles(dir, path) : [path];
    })
    .sort();
}

const list = (...paths: readonly string[]) => ["/.", "/etc", ...paths, "/etcetera/x", ""].join("\n");

const JAVA: Tree = {
  "var/lib/dpkg/info/openjdk-17-jre-headless:amd64.list": list(
    "/etc/java-17-openjdk",
    "/etc/java-17-openjdk/jvm-amd64.cfg",
    "/etc/java-17-openjdk/security",
    "/etc/java-17-openjdk/security/java.security",
    "/etc/java-17-openjdk/management",
    "/etc/java-17-openjdk/management/jmxremote.password",
  ),
  "etc/java-17-openjdk/jvm-amd64.cfg": "-server KNOWN\n",
  "etc/java-17-openjdk/security/java.security": "security.provider.1=SUN\n",
  "etc/java-17-openjdk/security/own": "an administrator's\n",
  "etc/java-17-openjdk/management/jmxremote.password": "secret\n",
};

const tables: Readonly<Record<string, readonly [host: Tree, shown: readonly string[]]>> = {
  "what a package put there, and nothing else of that directory": [
    { ...JAVA, "etc/java-17-openjdk/management/link": { to: "x" } },
    [
      "java-17-openjdk/jvm-amd64.cfg",
      "java-17-openjdk/management/jmxremote.password",
      "java-17-openjdk/management/link",
      "java-17-openjdk/security/java.security",
    ],
  ],
  "nothing that is closed to others, whoever put it there": [
    {
      ...JAVA,
      "etc/java-17-openjdk/management/jmxremote.password": "secret\n",
      "var/lib/dpkg/info/sudo.list": list("/etc/sudoers", "/etc/sudoers.d", "/etc/sudoers.d/README"),
      "etc/sudoers": "root ALL=(ALL:ALL) ALL\n",
      "etc/sudoers.d/README": "closed by its directory\n",
    },
    ["java-17-openjdk/jvm-amd64.cfg", "java-17-openjdk/security/java.security"],
  ],
  "nothing that no package knows": [
    {
      "var/lib/dpkg/info/apt.list": list("/etc/apt", "/etc/apt/sources.list.d", "/etc/apt/apt.conf.d/01auto"),
      "etc/apt/apt.conf.d/01auto": "",
      "etc/apt/sources.list.d/private.list": "deb https://user:token@example.org/ x main\n",
      "etc/apt/auth.conf": "",
      "etc/environment": "TOKEN=x\n",
      "etc/shadow": "",
      "etc/ssh/ssh_host_ed25519_key": "",
      "etc/ssh/ssh_host_ed25519_key.pub": "",
      "etc/NetworkManager/system-connections/home": "",
      "etc/wireguard/wg0.conf": "",
      "etc/pip.conf": "",
    },
    ["apt/apt.conf.d/01auto"],
  ],
  "what ucf knows, and the links of a package's directory": [
    {
      "var/lib/dpkg/info/php.list": list("/etc/php", "/etc/php/conf.d", "/etc/php/mods"),
      "var/lib/ucf/registry": "php \t /etc/php/mods/xml.ini\nphp \t /var/lib/x\n",
      "etc/php/mods/xml.ini": "extension=xml\n",
      "etc/php/mods/own.ini": "",
      "etc/php/conf.d/xml.ini": { to: "/etc/php/mods/xml.ini" },
      "etc/unknown/link": { to: "/etc/shadow" },
    },
    ["php/conf.d/xml.ini", "php/mods/xml.ini"],
  ],
  "what apk knows": [
    {
      "lib/apk/db/installed": "P:font\nF:etc/fonts\nR:fonts.conf\nZ:x\nF:etc/fonts/conf.d\nF:usr\nR:etc\n",
      "etc/fonts/fonts.conf": "",
      "etc/fonts/own.conf": "",
      "etc/fonts/conf.d/10.conf": { to: "/usr/share/fontconfig/10.conf" },
    },
    ["fonts/conf.d/10.conf", "fonts/fonts.conf"],
  ],
  "what pacman knows": [
    {
      "var/lib/pacman/local/java-17-1/files": "%FILES%\netc/\netc/java/\netc/java/jvm.cfg\nusr/\n",
      "etc/java/jvm.cfg": "",
      "etc/java/own": "",
    },
    ["java/jvm.cfg"],
  ],
  "NixOS: links into the store": [
    {
      "etc/fonts": { to: "/etc/static/fonts" },
      "etc/static": { to: "/nix/store/x-etc/etc" },
      "etc/sudoers": "",
    },
    ["fonts", "static"],
  ],
  "in any case: certificates, alternatives, what is looked up by name": [
    {
      "etc/alternatives/java": { to: "/usr/lib/jvm/java" },
      "etc/ssl/certs/ca.pem": "",
      "etc/ssl/certs/closed.key": "",
      "etc/ssl/private/host.key": "",
      "etc/services": "https 443/tcp\n",
      zone: "UTC0\n",
      "etc/localtime": { to: "../zone" },
      "etc/machine-id": "0123\n",
      "etc/passwd": "somebody\n",
      "var/lib/dpkg/info/base.list": list("/etc/passwd", "/etc/machine-id", "/etc/resolv.conf"),
    },
    ["alternatives/java", "localtime", "ssl/certs/ca.pem"],
  ],
};

/** In hosts that have them: closed by the modes that a distribution gives. */
const CLOSED: Readonly<Record<string, number>> = {
  "etc/sudoers": 0o440,
  "etc/sudoers.d": 0o750,
  "etc/ssl/private": 0o710,
  "etc/ssl/certs/closed.key": 0o640,
};

for (const shell of SHELLS)
  for (const [what, [tree, paths]] of Object.entries(tables))
    test(`${shell}: ${what}`, () => {
      const root = makeHost(tree);
      for (const [path, mode] of Object.entries(CLOSED))
        if (existsSync(join(root, path))) chmodSync(join(root, path), mode);
      if (what.startsWith("nothing that is closed"))
        chmodSync(join(root, "etc/java-17-openjdk/management/jmxremote.password"), 0o600);
      assert.equal(show(root, { shell }).paths, [...paths].sort());
    });

test("what is shown has the host's content, links stay links, and what is the guest's own is empty", () => {
  const { copy } = show(
    makeHost(tables["in any case: certificates, alternatives, what is looked up by name"]?.[0] ?? {}),
  );
  assert.is(readFileSync(join(copy, "services"), "utf8"), "https 443/tcp\n");
  assert.is(readFileSync(join(copy, "localtime"), "utf8"), "UTC0\n");
  assert.is(readlinkSync(join(copy, "alternatives/java")), "/usr/lib/jvm/java");
  for (const name of ["passwd", "machine-id", "hosts", "resolv.conf"])
    assert.equal([name, lstatSync(join(copy, name)).size], [name, 0]);
  assert.is(statSync(`${copy}/.`).mode & 0o777, 0o755);
  assert.is(statSync(join(copy, "ssl/certs")).mode & 0o777, 0o755);
});

test("the same /etc is the same copy; another is another, and what a running guest sees stays", () => {
  const root = makeHost(JAVA);
  const first = show(root);
  const place = readlinkSync(first.copy);
  assert.equal(show(root, first), first);
  assert.is(show(root).digest, first.digest);
  assert.is(readlinkSync(first.copy), place);

  writeFileSync(join(root, "etc/java-17-openjdk/jvm-amd64.cfg"), "-client KNOWN\n");
  const second = show(root, first);
  assert.is.not(second.digest, first.digest);
  assert.is(readFileSync(join(second.copy, "java-17-openjdk/jvm-amd64.cfg"), "utf8"), "-client KNOWN\n");
  const before = join(first.workDir, "etc", place, "java-17-openjdk/jvm-amd64.cfg");
  assert.is(readFileSync(before, "utf8"), "-server KNOWN\n");
});

test("an /etc that is as it was is not read again; any change of it is", () => {
  const root = makeHost(JAVA);
  const file = join(root, "etc/java-17-openjdk/jvm-amd64.cfg");
  const first = show(root);
  const { size, mtime } = statSync(file);
  const reads = () => {
    const params = { work_dir: first.workDir };
    const before = `${GNU_TOOLS}\nchoose_etc() { echo chosen >&2; return 1; }`;
    return callHost("dash", ["busybox", "etc", "seen"], ["show_etc", root, PACKAGES], { params, before });
  };
  assert.is(reads().status, 0);
  const [, ...rest] = "-server KNOWN\n";
  writeFileSync(file, ["+", ...rest].join(""));
  utimesSync(file, mtime, mtime);
  assert.is(statSync(file).size, size);
  assert.is(reads().status, 1);
  assert.is.not(show(root, first).digest, first.digest);
  rmSync(join(first.workDir, "etc/current"));
  assert.is(reads().status, 1);
});

const digestOf = (root: string, change: () => void) => {
  const before = show(root).digest;
  change();
  return show(root).digest === before ? "same" : "another";
};

test("whatever is shown is in the digest, and nothing else is", () => {
  const root = makeHost(JAVA);
  const file = join(root, "etc/java-17-openjdk/jvm-amd64.cfg");
  const own = join(root, "etc/java-17-openjdk/security/own");
  assert.is(
    digestOf(root, () => chmodSync(file, 0o755)),
    "another",
  );
  assert.is(
    digestOf(root, () => chmodSync(file, 0o600)),
    "another",
  );
  assert.is(
    digestOf(root, () => symlinkSync("jvm-amd64.cfg", join(root, "etc/java-17-openjdk/link"))),
    "another",
  );
  assert.is(
    digestOf(root, () => writeFileSync(own, "changed\n")),
    "same",
  );
});

test("a work dir that takes no copy is said so", () => {
  const workDir = join(makeDirectory(), "file");
  writeFileSync(workDir, "");
  const params = { work_dir: workDir };
  assert.is(
    callHost("dash", ["busybox", "etc", "seen"], ["show_etc", makeHost(JAVA), PACKAGES], { params }).status,
    1,
  );
  assert.is(
    callHost("dash", ["busybox", "etc", "seen"], ["check_seen", makeHost(JAVA)], {
      params,
      before: 'fact() { echo "$@"; }',
    }).stdout,
    "",
  );
});

test("a half copy of a boot before is not used", () => {
  const root = makeHost(JAVA);
  const { workDir, digest, copy } = show(root);
  const place = readlinkSync(copy);
  assert.match(place, new RegExp(`^${digest}-[0-9a-f]{8}$`));
  rmSync(copy);
  symlinkSync(`${digest}-00000000`, copy);
  mkdirSync(join(workDir, "etc", `${digest}-00000000`));
  show(root, { workDir });
  assert.is(readlinkSync(copy), place);
});

test.run();
