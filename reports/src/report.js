// Conveniences of the report; without them, the page shows the same.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Open what the address names, and everything around it.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let part = target; part; part = part.parentElement) {
      if (part.tagName === "DETAILS") part.open = true;
    }
    target?.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  addEventListener("beforeprint", () => all("details").forEach((part) => { part.open = true; }));

  // Search and filter requirements.
  const filters = document.querySelector(".filters");
  if (filters) {
    const [search, status] = [filters.querySelector("input"), filters.querySelector("output")];
    const buttons = all("button", filters);
    const rows = all(".requirement").map((row) => [row, row.textContent.toLowerCase()]);
    const apply = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const states = buttons.filter((it) => it.ariaPressed === "true").map((it) => it.value);
      const isFiltered = words.length + states.length > 0;
      let shown = 0;
      for (const [row, text] of rows) {
        const fits = states.length === 0 || states.some((state) => row.classList.contains(state));
        row.hidden = !(fits && words.every((word) => text.includes(word)));
        shown += !row.hidden;
      }
      for (const family of all(".family")) {
        const found = all(".requirement", family).some((row) => !row.hidden);
        family.hidden = !found;
        if (isFiltered) family.open = found;
      }
      status.value = isFiltered ? `${shown} of ${rows.length} requirements` : "";
    };
    search.addEventListener("input", apply);
    for (const button of buttons) {
      button.addEventListener("click", () => {
        button.ariaPressed = String(button.ariaPressed !== "true");
        apply();
      });
    }
    filters.hidden = false;
  }

  // Copy commands.
  for (const block of all(".copy")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copier";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(block.textContent.trim());
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    block.after(button);
  }
  reveal();
})();
