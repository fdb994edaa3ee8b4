// The live page of a load run.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { visit } from "./browser.mjs";

// Starts a load run of some seconds, and returns the address of its page.
async function start(folder) {
  const options = ["--config", "none", "load", "--duration-scale", "0.6", "--dashboard", "127.0.0.1:0"];
  const run = spawn(process.env.HEARBACK, options, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise((resolve) => run.on("exit", resolve));
  const address = await new Promise((resolve, reject) => {
    createInterface({ input: run.stderr }).on("line", (line) => {
      if (line.startsWith("Dashboard at ")) resolve(line.slice("Dashboard at ".length));
    });
    ended.then((code) => reject(new Error(`it ended with ${code}`)));
  });
  return { run, ended, address };
}

test("the live page follows the run and becomes its report", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "hearback-"));
  const { run, ended, address } = await start(folder);
  try {
    const page = await visit(address);
    const verdict = page.locator(".verdict");
    assert.match(await verdict.textContent(), /RUNNING: /);
    await page.getByText("Last second").waitFor();
    const first = await verdict.textContent();
    // What was unfolded stays unfolded when the page is replaced.
    await page.locator("summary").last().click();
    await page.waitForFunction(
      (first) => document.querySelector(".verdict").textContent !== first, first,
    );
    assert.match(await verdict.textContent(), /RUNNING: /);
    assert.ok(await page.locator("details").last().evaluate((it) => it.open), "it was folded");
    assert.ok(await page.locator("svg").count() > 0, "nothing is plotted");
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      const needed = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(needed <= width, `${needed} of ${width} px`);
    }
    if (process.env.SCREENSHOTS) {
      await page.screenshot({ path: path.join(process.env.SCREENSHOTS, "dashboard.png"), fullPage: true });
    }
    await page.waitForFunction(
      () => !document.querySelector(".verdict").textContent.includes("RUNNING"), undefined, { timeout: 60_000 },
    );
    assert.match(await verdict.textContent(), /^\s*(MET|NOT MET|INVALID): /);
    assert.ok(!(await page.title()).includes("running"));
    assert.equal(await page.getByText("Last second").count(), 0);
    await ended;
    assert.ok(await page.locator("#connection").count() === 0, "the report complains about the connection");
  } finally {
    run.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true });
  }
});
