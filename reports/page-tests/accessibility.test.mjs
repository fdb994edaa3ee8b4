// What keyboards and assistive technology rely on, on the pages of all kinds of results.
import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { ALL_SAMPLES, MANY_FINDINGS, REPORT, assertShown, open, requirement, unfold } from "./browser.mjs";

// Roles of elements that a person operates.
const INTERACTIVE = ["link", "button", "DisclosureTriangle", "searchbox", "textbox", "combobox", "checkbox"];

test("ids are unique, and every link leads to one", async () => {
  for (const file of [...ALL_SAMPLES, MANY_FINDINGS]) {
    const page = await open(file);
    const { repeated, dangling } = await page.evaluate(() => {
      const ids = [...document.querySelectorAll("[id]")].map((it) => it.id);
      const links = [...document.querySelectorAll("a")].map((it) => it.getAttribute("href"));
      return {
        repeated: ids.filter((id, index) => ids.indexOf(id) !== index),
        dangling: links.filter((link) => !link.startsWith("#") || !document.getElementById(link.slice(1))),
      };
    });
    assert.deepEqual({ repeated, dangling }, { repeated: [], dangling: [] }, path.basename(file));
  }
});

test("pages have one main heading, landmarks and table headers", async () => {
  for (const file of ALL_SAMPLES) {
    const page = await open(file);
    await unfold(page);
    const name = path.basename(file);
    assert.equal(await page.getByRole("heading", { level: 1 }).count(), 1, name);
    for (const landmark of ["banner", "main"]) {
      assert.equal(await page.getByRole(landmark).count(), 1, `${name} ${landmark}`);
    }
    const ranks = await page.locator("h1, h2, h3").evaluateAll((all) => all.map((it) => Number(it.tagName[1])));
    assert.ok(ranks.every((rank, index) => index === 0 || rank <= ranks[index - 1] + 1), `${name} ${ranks}`);
    for (const table of await page.getByRole("table").all()) {
      const headers = table.locator("th");
      assert.ok(await headers.count() > 0, `${name}: a table without headers`);
      assert.ok((await headers.allTextContents()).every((it) => it.trim()), `${name}: an empty header`);
    }
  }
});

test("every element that a person operates has a name in words", async () => {
  for (const file of [...ALL_SAMPLES, MANY_FINDINGS]) {
    const page = await open(file);
    // All cells of the matrix, but not the diagrams of 10,000 findings.
    if (file !== MANY_FINDINGS) await unfold(page);
    const session = await page.context().newCDPSession(page);
    const { nodes } = await session.send("Accessibility.getFullAXTree");
    const interactive = nodes.filter((node) => !node.ignored && INTERACTIVE.includes(node.role.value));
    const nameless = interactive.filter((node) => !/\p{L}{2}/u.test(node.name?.value ?? ""));
    assert.deepEqual(nameless.map((node) => [node.role.value, node.name?.value]), [], path.basename(file));
    if (file === REPORT) assert.ok(interactive.length > 50, `${interactive.length}`);
  }
});

test("the keyboard alone reaches and unfolds findings, and the focus is visible", async () => {
  const page = await open(REPORT);
  const tab = async () => {
    await page.keyboard.press("Tab");
    return page.evaluate(() => {
      const element = document.activeElement;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const isVisible = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
      const name = element.ariaLabel ?? element.textContent.trim();
      return { name, tag: element.tagName, isVisible };
    });
  };
  const group = page.locator(".group").first();
  assert.match((await tab()).name, /^Responses to rooms.archive/);
  await page.keyboard.press("Space");
  assert.equal(await group.evaluate((it) => it.open), false);
  await page.keyboard.press("Enter");
  assert.equal(await group.evaluate((it) => it.open), true);
  assert.equal((await tab()).name, "Copy");
  assert.equal((await tab()).name, "must schema/rooms.archive");
  await page.keyboard.press("Enter");
  await assertShown(requirement(page, "schema/rooms.archive"));

  // One round through the page, from what the link led to.
  const seen = new Set();
  for (let stop = await tab(); stop.tag !== "BODY"; stop = await tab()) {
    assert.ok(stop.isVisible, `no visible focus: ${stop.tag} ${stop.name}`);
    seen.add(stop.name);
  }
  for (const name of ["Show the section", "Rooms", "Roles", "WebSocket Protocol", "page/maximum-size"]) {
    assert.ok([...seen].some((it) => it.startsWith(name)), `${name} is not in ${[...seen].join(", ")}`);
  }
});
