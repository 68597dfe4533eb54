// Reports in a real browser: `npm run test:browser`.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { reportPage } from "../../src/report/html/page.ts";
import { eventually } from "../lab/rig.ts";
import { sampleReport } from "../report/html/sample.ts";

interface Opened {
  readonly page: Page;
  /** Console errors, errors of the page, and requests other than for the report itself. */
  readonly complaints: string[];
}

const test = suite("report in Chromium");
const directory = mkdtempSync(join(tmpdir(), "pikaci-browser-"));
const file = join(directory, "report.html");
const address = `file://${file}`;
let browser: Browser;

test.before(async () => {
  writeFileSync(file, reportPage(sampleReport()));
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args });
});
test.after(async () => {
  await browser.close();
  rmSync(directory, { recursive: true });
});

async function open(options: BrowserContextOptions = {}): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("dialog", (dialog) => complaints.push(dialog.message()));
  page.on("request", (request) => {
    if (request.url().split("#")[0] !== address) complaints.push(request.url());
  });
  await page.goto(address);
  return { page, complaints };
}

async function screenshot(page: Page, name: string): Promise<void> {
  const where = process.env.PIKACI_SCREENSHOTS ?? "";
  if (where !== "") await page.screenshot({ path: join(where, `${name}.png`), fullPage: true });
}

/** Every element whose content is wider than itself and can be scrolled to. */
const SIDEWAYS = `[...document.querySelectorAll("*")]
  .filter((one) => one.scrollWidth > one.clientWidth && ["auto", "scroll"].includes(getComputedStyle(one).overflowX) && one.clientWidth > 0)
  .map((one) => one.outerHTML.slice(0, 60))`;

for (const [name, options] of [
  ["wide, light", { colorScheme: "light" }],
  ["wide, dark", { colorScheme: "dark" }],
  ["middle", { viewport: { width: 768, height: 900 } }],
  ["narrow", { viewport: { width: 360, height: 640 } }],
] as const) {
  test(`${name}: rendered, nothing complains, nothing is wider than the screen`, async () => {
    const { page, complaints } = await open(options);
    assert.is(await page.title(), "failed: check · 20260101T000100Z-00000002");
    assert.ok(await page.getByRole("heading", { name: "Timeline" }).isVisible());
    const picture = page.locator("svg[aria-label='when stages and jobs ran']:visible");
    assert.equal([await picture.count(), await picture.locator("rect").count()], [1, 6]);
    const [content = 0, screen = 0] = (await page.evaluate(
      "[document.documentElement.scrollWidth, innerWidth]",
    )) as number[];
    assert.ok(content <= screen, `${content} of ${screen}`);
    assert.equal(await page.evaluate(SIDEWAYS), []);
    await screenshot(page, name.replace(", ", "-"));
    assert.equal(complaints, []);
  });
}

test("dark is dark, and text can be read on it", async () => {
  for (const [colorScheme, dark] of [
    ["light", false],
    ["dark", true],
  ] as const) {
    const { page } = await open({ colorScheme });
    const background = (await page.evaluate("getComputedStyle(document.body).backgroundColor")) as string;
    const [red = 0] = (background.match(/\d+/g) ?? []).map(Number);
    assert.is(red < 128, dark, background);
  }
});

test("hostile text is shown and does nothing", async () => {
  const { page, complaints } = await open();
  const log = page.locator("#log-lint pre");
  assert.ok((await log.textContent())?.includes("<script>window.owned = 1</script>"));
  await page.mouse.move(300, 300);
  for (const link of await page.locator("a").all()) {
    const target = await link.getAttribute("href");
    assert.match(target ?? "", /^(\.\/|#)/);
  }
  assert.is(await page.evaluate("window.owned"), undefined);
  assert.is(await page.locator("#log-lint pre img, #log-lint pre svg, iframe, link").count(), 0);
  assert.equal(complaints, []);
});

test("a failed job's log is open, others are not; a job's link opens its own", async () => {
  const { page } = await open();
  const isOpen = (id: string) => page.evaluate(`document.getElementById("${id}").open`);
  assert.equal([await isOpen("log-unit"), await isOpen("log-lint")], [false, true]);
  await page.getByRole("link", { name: "unit", exact: true }).click();
  await eventually("it is open", 5, async () => (await isOpen("log-unit")) || null);
});

async function counted(page: Page, text: string): Promise<void> {
  const count = page.locator("#count");
  await eventually(text, 5, async () => ((await count.textContent()) === text ? true : null));
}

test("search, by keyboard alone", async () => {
  const { page, complaints } = await open();
  await page.keyboard.press("/");
  await page.keyboard.type("LINE 199");
  await counted(page, "11 found");
  await page.keyboard.press("Enter");
  assert.is(await page.locator(".at").textContent(), "ok line 199");
  assert.ok(await page.locator(".at").isVisible());
  await page.keyboard.press("Enter");
  assert.is(await page.locator(".at").textContent(), "ok line 1990");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.press("Shift+Enter");
  assert.is(await page.locator(".at").textContent(), "ok line 1999");
  assert.is(await page.locator("#count").textContent(), "11 of 11");
  await screenshot(page, "search");
  await page.keyboard.press("Escape");
  assert.is(await page.locator(".hit").count(), 0);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  assert.is(await page.evaluate("document.activeElement.closest('details').id"), "log-lint");
  await page.keyboard.press("k");
  assert.is(await page.evaluate("document.activeElement.closest('details').id"), "log-unit");
  await page.keyboard.press("/");
  await page.keyboard.type("<nowhere>");
  await counted(page, "nothing found");
  assert.equal(complaints, []);
});

test.run();
