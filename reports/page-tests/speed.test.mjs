// The time until a large report can be read. It is printed, and should be less than 2 s on an idle machine; the bound of
// the test is generous, because the machines of CI are busy.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MANY_FINDINGS, open } from "./browser.mjs";

const LONGEST_MS = 10_000;

test("a report of 10,000 findings opens quickly", async () => {
  const page = await open(MANY_FINDINGS);
  const { load, drawn } = await page.evaluate(async () => {
    // The second frame begins after the first one is drawn.
    for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
    const [navigation] = performance.getEntriesByType("navigation");
    return { load: navigation.loadEventEnd, drawn: performance.now() };
  });
  console.log(`10,000 findings: loaded after ${load.toFixed()} ms, drawn after ${drawn.toFixed()} ms`);
  assert.ok(drawn < LONGEST_MS, `${drawn} ms`);
});
