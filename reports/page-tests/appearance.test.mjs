// Layout, colors and print.
import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { ALL_SAMPLES, MANY_FINDINGS, REPORT, open, unfold } from "./browser.mjs";

const WIDTHS = [390, 768, 1280];
const SCHEMES = ["light", "dark"];

// Minimum contrast of text (WCAG 2.2, level AA).
const LEAST_CONTRAST = 4.5;

test("no page is wider than its window", async () => {
  for (const file of ALL_SAMPLES) {
    for (const colorScheme of SCHEMES) {
      const page = await open(file, { colorScheme });
      await unfold(page);
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 800 });
        const needed = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(needed <= width, `${path.basename(file)} ${colorScheme}: ${needed} of ${width} px`);
      }
    }
  }
});

// The text with too little contrast to what is behind it, in a page; plots have their own colors.
function faintTexts(least) {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const pixel = (colors) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const color of colors) {
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = (rgb) => {
    const linear = (it) => (it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4);
    const [red, green, blue] = rgb.map((it) => linear(it / 255));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const found = new Set();
  let checked = 0;
  for (const element of document.body.querySelectorAll("*")) {
    const hasText = [...element.childNodes].some((it) => it.nodeType === Node.TEXT_NODE && it.data.trim());
    if (!hasText || element.tagName === "SCRIPT" || !element.checkVisibility()) continue;
    const layers = [];
    for (let part = element; part; part = part.parentElement) layers.unshift(getComputedStyle(part).backgroundColor);
    const style = getComputedStyle(element);
    const color = element.namespaceURI.endsWith("svg") ? style.fill : style.color;
    const [dark, light] = [pixel(layers), pixel([...layers, color])].map(luminance).sort((a, b) => a - b);
    const contrast = (light + 0.05) / (dark + 0.05);
    checked += 1;
    if (contrast < least) found.add(`${element.tagName} .${element.getAttribute("class")}: ${contrast.toFixed(2)}`);
  }
  return { found: [...found], checked };
}

test("all text has enough contrast", async () => {
  for (const file of ALL_SAMPLES) {
    for (const colorScheme of SCHEMES) {
      const page = await open(file, { colorScheme });
      await unfold(page);
      for (const button of await page.locator(".filters button").all()) await button.click();
      const { found, checked } = await page.evaluate(faintTexts, LEAST_CONTRAST);
      assert.deepEqual(found, [], `${path.basename(file)} ${colorScheme}`);
      assert.ok(checked > 10, `${path.basename(file)}: ${checked} texts`);
    }
  }
});

test("print shows every finding, and no controls", async () => {
  const page = await open(REPORT);
  assert.equal(await page.locator("h3").filter({ visible: true }).count(), 0, "findings are folded on the screen");
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  assert.equal(await page.locator("h3").filter({ visible: true }).count(), 3);
  assert.equal(await page.locator(".group dl").filter({ visible: true }).count(), 2);
  assert.equal(await page.locator(".family > summary").filter({ visible: true }).count(), 5);
  assert.equal(await page.locator("button, input, select").filter({ visible: true }).count(), 0);
  const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(background, "rgb(255, 255, 255)", "paper is white");
});

test("print names all of 10,000 findings", async () => {
  const page = await open(MANY_FINDINGS);
  await page.emulateMedia({ media: "print" });
  const names = await page.evaluate(() => {
    const all = [...document.querySelectorAll("h3, .rest li")].filter((it) => it.checkVisibility());
    return new Set(all.map((it) => it.textContent)).size;
  });
  assert.equal(names, 10_000);
});
