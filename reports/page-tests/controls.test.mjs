// The controls of a report: search, filters and copy buttons.
import assert from "node:assert/strict";
import { test } from "node:test";
import { REPORT, assertShown, open, requirement } from "./browser.mjs";

const SEARCH = "Search requirements and findings";

// The ids of the requirements that are shown.
async function shown(page) {
  const visible = page.locator(".requirement").filter({ visible: true });
  return visible.evaluateAll((rows) => rows.map((row) => row.id));
}

test("the search shows requirements with all of its words, wherever they are", async () => {
  const page = await open(REPORT);
  assert.deepEqual(await shown(page), [], "families are folded");
  const search = page.getByRole("searchbox", { name: SEARCH });
  await search.click();
  for (const [words, found] of [
    ["ARCHIVED_AT date-time", ["schema/rooms.archive"]],
    ["room/create", ["room/create-group", "room/create-direct"]],
    ["event schemas", ["schema/rooms.archive"]],
    ["no such text", []],
  ]) {
    await search.fill("");
    await search.pressSequentially(words);
    assert.deepEqual(await shown(page), found, words);
    assert.equal(await page.getByRole("status").textContent(), `${found.length} of 12 requirements`);
  }
  await search.fill("");
  assert.equal(await page.locator(".family").filter({ visible: true }).count(), 5);
  assert.equal(await page.getByRole("status").textContent(), "");
});

test("results and families are filters, which combine with each other and the search", async () => {
  const page = await open(REPORT);
  const [broken, undecided] = ["broken", "undecided"].map((name) => page.getByRole("button", { name }));
  await broken.click();
  assert.deepEqual(await shown(page), ["schema/rooms.archive", "page/walk-while-writing"]);
  assert.equal(await broken.getAttribute("aria-pressed"), "true");
  await undecided.click();
  assert.equal((await shown(page)).length, 4);
  await page.getByRole("combobox", { name: "Family" }).selectOption("Messages");
  assert.deepEqual(await shown(page), ["message/edit-content", "message/edit-flags"]);
  await page.getByRole("searchbox", { name: SEARCH }).pressSequentially("replace");
  assert.deepEqual(await shown(page), ["message/edit-content"]);
  await broken.click();
  await undecided.click();
  await page.getByRole("searchbox", { name: SEARCH }).fill("");
  assert.equal((await shown(page)).length, 5, "all messages");
});

test("a link to a requirement that is filtered out shows it", async () => {
  const page = await open(REPORT);
  await page.getByRole("button", { name: "held" }).click();
  await page.getByRole("searchbox", { name: SEARCH }).pressSequentially("sockets");
  await page.locator(".group a").first().click();
  await assertShown(requirement(page, "schema/rooms.archive"));
});

test("copy buttons put their command on the clipboard", async () => {
  const page = await open(REPORT, { permissions: ["clipboard-read", "clipboard-write"] });
  const commands = page.locator(".copy");
  await page.locator(".group").nth(1).locator("summary").click();
  for (const id of ["schema/rooms.archive", "page/walk-while-writing"]) {
    await page.evaluate((id) => { location.hash = id; }, id);
    await assertShown(requirement(page, id));
    await requirement(page, id).getByText("Shell script that reproduces it").click();
  }
  assert.ok((await commands.count()) >= 5);
  for (const [index, button] of (await page.locator(".copier").all()).entries()) {
    if (!(await button.isVisible())) continue;
    await button.click();
    await button.getByText("Copied").waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied, (await commands.nth(index).textContent()).trim());
    assert.match(copied, /^(hearback|curl|websocat|#) ?/);
  }
});
