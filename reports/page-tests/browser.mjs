// Opens pages in Chromium, each in a profile of its own. A test fails if its page requests anything or logs a problem,
// which includes violations of its policy.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import path from "node:path";
import { after, afterEach, before } from "node:test";
import { pathToFileURL } from "node:url";

// Unlike `import`, `require` finds packages in NODE_PATH.
const { chromium } = createRequire(import.meta.url)("playwright-core");

const SWITCHES = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

const sample = (name) => path.join(import.meta.dirname, "../samples", `${name}.html`);

// The page of a run with findings, and one with 10,000 of them, which a test of the crate writes.
export const REPORT = sample("report");
export const MANY_FINDINGS = path.join(process.env.REPORTS_FOLDER, "many-findings.html");
export const ALL_SAMPLES = ["report", "load", "comparison", "calibration"].map(sample);

let browser;
let contexts = [];
let problems = [];

before(async () => {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: SWITCHES });
});
after(() => browser.close());
afterEach(async () => {
  await Promise.all(contexts.map((context) => context.close()));
  const found = problems;
  [contexts, problems] = [[], []];
  assert.deepEqual(found, []);
});

// Opens a file, at a fragment such as `#room/archive`, with options of a browser context.
export async function open(file, { fragment = "", ...options } = {}) {
  const page = await newPage(options);
  const address = pathToFileURL(file).href;
  page.on("request", (request) => {
    if (request.url().split("#")[0] !== address) problems.push(`request: ${request.url()}`);
  });
  await page.goto(address + fragment);
  return page;
}

// Opens a page of a server, which may request more from that server only.
export async function visit(address) {
  const page = await newPage();
  page.on("request", (request) => {
    if (!request.url().startsWith(address)) problems.push(`request: ${request.url()}`);
  });
  await page.goto(address);
  return page;
}

async function newPage(options = {}) {
  const context = await browser.newContext(options);
  contexts.push(context);
  const page = await context.newPage();
  page.on("console", (message) => problems.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
  return page;
}

// The requirement with an id.
export function requirement(page, id) {
  return page.locator(`.requirement[id="${id}"]`);
}

// Asserts that a part is unfolded and begins within the window.
export async function assertShown(part) {
  // The browser unfolds after the key or the click was handled.
  const opened = part.and(part.page().locator("[open]"));
  await opened.waitFor({ timeout: 5_000 }).catch(() => assert.fail("it is folded"));
  await assertInWindow(part);
}

// Asserts that the top of an element is visible without scrolling.
export async function assertInWindow(element) {
  await element.waitFor({ state: "visible" });
  const { y } = await element.boundingBox();
  const height = element.page().viewportSize().height;
  assert.ok(y >= -1 && y < height, `its top is at ${y} of ${height} px`);
}

// Unfolds everything.
export async function unfold(page) {
  await page.evaluate(() => {
    for (const part of document.querySelectorAll("details")) part.open = true;
  });
}
