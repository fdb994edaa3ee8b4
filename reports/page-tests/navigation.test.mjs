// Links between the parts of a report: they unfold what they name, with the script and without.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MANY_FINDINGS, REPORT, assertInWindow, assertShown, open, requirement } from "./browser.mjs";

const BROKEN = "schema/rooms.archive";

test("links unfold their requirement and scroll to it", async () => {
  const page = await open(REPORT);
  const link = page.locator(".group a").first();
  await link.click();
  await assertShown(requirement(page, BROKEN));
  assert.ok(page.url().endsWith(`#${BROKEN}`));
});

test("a link works again after its requirement was folded", async () => {
  const page = await open(REPORT);
  const link = page.locator(".group a").first();
  await link.click();
  await requirement(page, BROKEN).locator("summary").first().click();
  await link.click();
  await assertShown(requirement(page, BROKEN));
});

test("an address with a fragment opens the page there", async () => {
  for (const fragment of [BROKEN, encodeURIComponent(BROKEN)]) {
    const page = await open(REPORT, { fragment: `#${fragment}` });
    await assertShown(requirement(page, BROKEN));
  }
});

test("the way back unfolds the previous requirement", async () => {
  const page = await open(REPORT, { fragment: `#${BROKEN}` });
  await requirement(page, BROKEN).locator("summary").first().click();
  await page.locator(".group").nth(1).click();
  await page.locator(".group a").nth(1).click();
  await assertShown(requirement(page, "page/walk-while-writing"));
  await page.goBack();
  await assertShown(requirement(page, BROKEN));
});

test("a sentence of the specification leads to its requirement and back", async () => {
  const page = await open(REPORT);
  const section = page.locator("details[id='specification/rest-api-endpoints']");
  await section.locator("summary").click();
  const passage = section.locator("a.passage.broken").first();
  await passage.click();
  const broken = requirement(page, BROKEN);
  await assertShown(broken);
  await section.locator("summary").click();
  await broken.getByRole("link", { name: "Show the section" }).click();
  assert.ok(await section.evaluate((it) => it.open), "the section is folded");
  await assertInWindow(passage);
});

test("every cell of the authorization matrix leads to its evidence", async () => {
  const page = await open(MANY_FINDINGS);
  const rows = page.locator(".grid tbody tr");
  assert.equal(await rows.count(), 2);
  for (const row of await rows.all()) {
    const cells = await row.locator("td").all();
    assert.equal(await row.locator("td a").count(), cells.length);
    const action = await row.locator("th").textContent();
    for (const cell of [cells[0], cells.at(-1)]) {
      await cell.click();
      const evidence = requirement(page, `authorization/${action}`);
      await assertShown(evidence);
      assert.ok(await evidence.locator("dl").first().isVisible());
    }
  }
});

test("without JavaScript, everything is there", async () => {
  const page = await open(REPORT, { javaScriptEnabled: false });
  const controls = page.locator("button, input, select").filter({ visible: true });
  assert.equal(await controls.count(), 0, "controls without effect");
  const broken = requirement(page, BROKEN);
  await page.locator(".group a").first().click();
  await assertInWindow(broken);
  await broken.locator("summary").first().click();
  await broken.getByText("Shell script that reproduces it").click();
  for (const part of ["dl", "svg", "pre"]) assert.ok(await broken.locator(part).first().isVisible(), part);
  await page.locator("[id='specification/websocket-protocol'] > summary").click();
  assert.ok(await page.locator("[id='specification/websocket-protocol'] pre").isVisible());
});
