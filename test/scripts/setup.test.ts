import { test } from "uvu";
import * as assert from "uvu/assert";
import { planSetup } from "../../scripts/setup/plan.ts";

const machine = (root: boolean, debian: boolean, ...present: string[]) => ({
  root,
  debian,
  has: (gives: string) => present.includes(gives),
});
const WANTED = ["nix-bin", "git", "debian-archive-keyring"] as const;
const NIX = ["nix", "nix-store", "nix-instantiate"];
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
const UPDATE = "apt-get -o DPkg::Lock::Timeout=300 update";
const INSTALL = "apt-get -o DPkg::Lock::Timeout=300 install --yes --no-install-recommends";

test("nothing missing, nothing to do, whoever asks", () => {
  for (const root of [true, false]) {
    assert.equal(planSetup(WANTED, machine(root, root, ...NIX, "git", KEYRING)), { kind: "ready" });
  }
});

test("root on Debian installs only what is missing, after an update", () => {
  const plan = planSetup(WANTED, machine(true, true, "git"));
  assert.equal(plan, {
    kind: "install",
    packages: ["nix-bin", "debian-archive-keyring"],
    commands: [UPDATE, `${INSTALL} nix-bin debian-archive-keyring`].map((line) => line.split(" ")),
  });
});

test("a Nix that came another way is not replaced by Debian's", () => {
  assert.equal(planSetup(["nix-bin"], machine(true, true, ...NIX)), { kind: "ready" });
});

test("a package of which a part is missing is installed", () => {
  const plan = planSetup(["nix-bin"], machine(true, true, "nix"));
  assert.equal(plan.kind === "install" && plan.packages, ["nix-bin"]);
});

test("an ordinary user on Debian is told what to type", () => {
  assert.equal(planSetup(["nix-bin", "git"], machine(false, true, "git")), {
    kind: "tell",
    missing: NIX,
    lines: [`sudo ${UPDATE}`, `sudo ${INSTALL} nix-bin`],
  });
});

test("elsewhere no package manager is guessed", () => {
  assert.equal(planSetup(["nix-bin", "git"], machine(true, false, "git")), {
    kind: "tell",
    missing: NIX,
    lines: ["install nix, nix-store, nix-instantiate (Debian calls the package nix-bin)"],
  });
});

test.run();
