// The pages of `pikaci ui` in a real browser, over real runs: `npm run test:browser`.
import type { ChildProcess } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openMemory } from "../../src/system/client-memory.ts";
import { firstLine } from "../commands/ui/address.ts";
import { eventually, openRig, type Rig } from "../lab/rig.ts";
import { HOSTILE } from "../report/html/sample.ts";
import { junit, writePast } from "../runs/history/past.ts";

const test = suite("pikaci ui in Chromium");

/** A name that would be markup, and a file that would run in the page's place. */
const HOSTILE_NAME = "a 'b<img src=x onerror=window.owned=1>.html";
const HOSTILE_FILE = "<body>shown<script>document.body.append('ran'); fetch('/')</script>";

const PAST_RUNS = 1000;
const PAGE_SIZE = 100;

let rig: Rig;
let browser: Browser;
let server: { readonly child: ChildProcess; readonly ended: Promise<{ readonly code: number | null }> };
let address: string;

test.before(async () => {
  rig = openRig({});
  rig.write({ "hostile.txt": HOSTILE, "page.html": HOSTILE_FILE });
  const ticks = "i=0; while true; do i=$((i+1)); echo tick $i; sleep 0.2; done";
  rig.configure({
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
    jobs: {
      hostile: {
        command: `cat hostile.txt; cp page.html "/artifacts/${HOSTILE_NAME}"; exit 3`,
        runner: "sandbox",
      },
      ticks: { command: ticks, runner: "sandbox" },
    },
    targets: { bad: { jobs: ["hostile"] }, long: { jobs: ["ticks"] } },
    defaultTarget: "bad",
  });
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args });
  server = rig.start("ui");
  address = await firstLine(server.child);
});
test.after(async () => {
  await browser.close();
  server.child.kill("SIGINT");
  assert.is((await server.ended).code, 130);
  rig.remove();
});

interface Opened {
  readonly page: Page;
  /** Messages of the console, errors of the page, dialogs, and requests to another server. */
  readonly complaints: string[];
}

const base = () => address.split("#")[0] ?? "";

async function open(options: BrowserContextOptions = {}, path = ""): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("dialog", (dialog) => complaints.push(dialog.message()));
  page.on("request", (request) => {
    if (!request.url().startsWith(base()) && !request.url().startsWith("data:"))
      complaints.push(request.url());
  });
  await page.goto(address);
  await page.getByRole("heading", { name: "Runs" }).waitFor();
  assert.is(page.url(), base(), "the token has left the address");
  if (path !== "") await page.goto(base() + path);
  return { page, complaints };
}

async function screenshot(page: Page, name: string): Promise<void> {
  const where = process.env.PIKACI_SCREENSHOTS ?? "";
  if (where !== "") await page.screenshot({ path: join(where, `ui-${name}.png`), fullPage: true });
}

async function isAsWideAsTheScreen(page: Page, what: string): Promise<void> {
  const [content = 0, screen = 0] = (await page.evaluate(
    "[document.documentElement.scrollWidth, innerWidth]",
  )) as number[];
  assert.ok(content <= screen, `${what}: ${content} of ${screen}`);
}

const runs = () => readdirSync(join(rig.dir, ".pikaci/runs")).sort();

test("without runs: what makes one", async () => {
  const { page, complaints } = await open();
  assert.match((await page.locator("main").textContent()) ?? "", "No runs yet");
  assert.equal(complaints, []);
});

test("without the token: nothing is seen", async () => {
  const page = await (await browser.newContext()).newPage();
  await page.goto(base());
  assert.match(
    (await page.locator("main").textContent()) ?? "",
    "opens with the address that pikaci ui printed",
  );
  await page.goto(`${base()}#${"A".repeat(43)}`);
  await page.reload();
  await page.getByText("is of a page that has ended").waitFor();
});

test("a run is followed from its beginning, cancelled, and seen by who only listens", async () => {
  const { page, complaints } = await open();
  const running = rig.start("run", "long", "-q");
  await page.locator("tbody tr").first().waitFor();
  const [id = ""] = runs();
  await page.locator(`a[href$="runs/${id}/"]`).click();
  await page.locator("#log-ticks[open] pre span").first().waitFor();
  await page.getByText("tick 3", { exact: true }).waitFor();
  const before = await page.locator("#log-ticks pre span").count();
  await eventually("more lines come", 10, async () =>
    (await page.locator("#log-ticks pre span").count()) > before + 2 ? true : null,
  );
  assert.is(await page.locator("h1 .v").textContent(), "running");
  await screenshot(page, "live");
  await page.getByRole("button", { name: "cancel the run" }).click();
  await page.locator("h1 .v", { hasText: "cancelled" }).waitFor();
  assert.match((await page.locator("#said").textContent()) ?? "", "the run is now: cancelled");
  await page.getByRole("button", { name: "run again", exact: true }).waitFor();
  assert.is((await running.ended).code, 130);
  const lines = (await page.locator("#log-ticks pre > span").allTextContents()).filter((line) =>
    /^tick/.test(line),
  );
  const counted = lines.map((_, index) => `tick ${index + 1}`);
  assert.equal(lines, counted, "no line twice, none left out");
  assert.equal(complaints, []);
});

test("hostile logs, names and files are shown, and do nothing", async () => {
  await rig.pikaci("run", "bad", "-q");
  const id = runs().at(-1) ?? "";
  const { page, complaints } = await open({}, `runs/${id}/`);
  const log = page.locator("#log-hostile[open] pre");
  await log.locator("> span").first().waitFor();
  assert.ok((await log.textContent())?.includes("<script>window.owned = 1</script>"));
  assert.is(await log.locator("img, svg, script, iframe, a").count(), 0);
  assert.is(await page.evaluate("window.owned"), undefined);
  await screenshot(page, "hostile");
  await isAsWideAsTheScreen(page, "a hostile run");
  assert.equal(complaints, []);
  await page.getByRole("link", { name: HOSTILE_NAME }).click();
  await page.getByText("shown").waitFor();
  assert.is(
    await page.locator("body").textContent(),
    HOSTILE_FILE.replace(/<body>|<script>|<\/script>/g, ""),
  );
  assert.ok(
    complaints.every((told) => /sandboxed|Content Security Policy/.test(told)),
    complaints.join("\n"),
  );
});

test("run again: it is begun, and a link leads to it", async () => {
  const before = runs();
  const { page } = await open({}, `runs/${before.at(-1)}/`);
  await page.getByRole("button", { name: "run again what did not pass" }).click();
  await page.getByRole("link", { name: "look at it" }).click();
  await page.locator("h1 .v", { hasText: "failed" }).waitFor();
  assert.is(runs().length, before.length + 1);
  assert.ok(page.url().endsWith(`runs/${runs().at(-1)}/`));
});

test("what cannot be done is said", async () => {
  const { page } = await open({}, `runs/${runs().at(-1)}/`);
  const plan = join(rig.dir, ".pikaci/runs", runs().at(-1) ?? "", "plan.json");
  const text = readFileSync(plan, "utf8");
  rig.write({ [plan.slice(rig.dir.length + 1)]: `${text} ` });
  await page.getByRole("button", { name: "run again", exact: true }).click();
  await page.locator(".notice.bad").waitFor();
  assert.match((await page.locator(".notice.bad").textContent()) ?? "", "is not what was recorded");
  rig.write({ [plan.slice(rig.dir.length + 1)]: text });
});

test("1,000 runs: a page of them, the way to the others, and their history", async () => {
  const place = { stateDir: join(rig.dir, ".pikaci"), ...openMemory(rig.dir, rig.env) };
  const { page, complaints } = await open();
  for (let at = 0; at < PAST_RUNS; at++) {
    const status = at % 9 === 0 ? ("failed" as const) : ("passed" as const);
    const artifacts = at % 50 === 0 ? { "r.xml": junit({ adds: at % 9 === 0 ? "no" : 1 }) } : {};
    writePast(place, {
      at: at * 60,
      jobs: { unit: { status, input: String(at >> 1), artifacts }, lint: { status: "passed" } },
    });
  }
  await page.getByText(`${PAST_RUNS + runs().length - PAST_RUNS} runs`, { exact: true }).waitFor();
  assert.is(await page.locator("tbody tr").count(), PAGE_SIZE);
  await page.getByRole("link", { name: "older runs" }).click();
  await page.getByRole("link", { name: "newest" }).waitFor();
  assert.is(await page.locator("tbody tr").count(), PAGE_SIZE);
  await page.getByLabel("verdict").selectOption("failed");
  await page.getByRole("button", { name: "show" }).click();
  await page.getByText(/^\d+ runs$/).waitFor();
  assert.equal([...new Set(await page.locator("tbody .v").allTextContents())], ["failed"]);
  await page.goto(`${base()}history/`);
  await page.getByRole("link", { name: "unit" }).first().click();
  await page.getByRole("heading", { name: "Times" }).waitFor();
  assert.ok((await page.locator("svg.chart:visible rect").count()) > 50);
  assert.ok(existsSync(rig.memory));
  assert.equal(complaints, []);
});

test("by keyboard alone: to a run, its log, a search, and back", async () => {
  const { page, complaints } = await open();
  await page.keyboard.press("Tab");
  assert.is(await page.evaluate("document.activeElement.textContent"), "to the content");
  await page.keyboard.press("Enter");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  await page.keyboard.press("Enter");
  await page.locator("#log-hostile").waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("window.owned");
  await eventually("it is found", 5, async () =>
    (await page.locator("#count").textContent())?.endsWith(" found") ? true : null,
  );
  await page.keyboard.press("Enter");
  assert.ok(await page.locator(".at").isVisible());
  await page.keyboard.press("Escape");
  assert.is(await page.locator(".hit").count(), 0);
  await page.keyboard.press("j");
  assert.is(await page.evaluate("document.activeElement.tagName"), "SUMMARY");
  await page.keyboard.press("Enter");
  assert.is(await page.evaluate("document.activeElement.closest('details').open"), false);
  assert.equal(complaints, []);
});

for (const [name, options] of [
  ["wide-light", { colorScheme: "light" }],
  ["wide-dark", { colorScheme: "dark" }],
  ["narrow-light", { colorScheme: "light", viewport: { width: 360, height: 640 } }],
  ["narrow-dark", { colorScheme: "dark", viewport: { width: 360, height: 640 } }],
] as const)
  test(`${name}: every page fits the screen, in its colours, and nothing complains`, async () => {
    const { page, complaints } = await open(options);
    const ids = runs();
    const comparison = `compare/?before=${ids.at(-2)}&after=${ids.at(-1)}`;
    for (const [what, path] of [
      ["list", ""],
      ["run", `runs/${ids.at(-1)}/`],
      ["history", "history/"],
      ["job", "history/unit/"],
      ["comparison", comparison],
      ["missing", "history/none/"],
    ] as const) {
      await page.goto(base() + path);
      await page.locator("h1").waitFor();
      await isAsWideAsTheScreen(page, what);
      const background = (await page.evaluate("getComputedStyle(document.body).backgroundColor")) as string;
      const [red = 0] = (background.match(/\d+/g) ?? []).map(Number);
      assert.is(red < 128, name.endsWith("dark"), what);
      await screenshot(page, `${what}-${name}`);
    }
    assert.equal(
      complaints.filter((told) => !told.includes("404")),
      [],
    );
  });

test("a server that has ended is noticed", async () => {
  const other = rig.start("ui");
  const opened = await firstLine(other.child);
  const page = await (await browser.newContext()).newPage();
  await page.goto(opened);
  await page.getByText("live", { exact: true }).waitFor();
  other.child.kill("SIGINT");
  assert.is((await other.ended).code, 130);
  await page.getByText("not connected", { exact: true }).waitFor();
});

test.run();
