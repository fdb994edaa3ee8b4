// Conveniences of the report; without them, the page shows the same.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const filters = document.querySelector(".filters");
  const families = all(".family");

  // Search and filter requirements.
  const filter = () => {
    const [search, family, status] = all("input, select, output", filters);
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const states = all("[aria-pressed=true]", filters).map((button) => button.value);
    const isFiltered = words.length + states.length + family.selectedIndex > 0;
    let [shown, count] = [0, 0];
    for (const [index, part] of families.entries()) {
      const title = part.querySelector(".title").textContent;
      const isChosen = [0, index + 1].includes(family.selectedIndex);
      const rows = all(".requirement", part);
      for (const row of rows) {
        const text = `${title} ${row.textContent}`.toLowerCase();
        const fits = states.length === 0 || states.some((state) => row.classList.contains(state));
        row.hidden = !(isChosen && fits && words.every((word) => text.includes(word)));
      }
      const found = rows.filter((row) => !row.hidden).length;
      part.hidden = found === 0;
      if (isFiltered) part.open = found > 0;
      shown += found;
      count += rows.length;
    }
    status.value = isFiltered ? `${shown} of ${count} requirements` : "";
  };
  const clear = () => {
    filters.querySelector("input").value = "";
    filters.querySelector("select").selectedIndex = 0;
    all("button", filters).forEach((button) => { button.ariaPressed = "false"; });
    filter();
  };
  if (filters) {
    filters.addEventListener("input", filter);
    for (const button of all("button", filters)) {
      button.addEventListener("click", () => {
        button.ariaPressed = String(button.ariaPressed !== "true");
        filter();
      });
    }
    filters.hidden = false;
  }

  // Open what the address names, and everything around it.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target?.closest("[hidden]")) clear();
    for (let part = target; part; part = part.parentElement) {
      if (part.tagName === "DETAILS") part.open = true;
    }
    target?.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  // A link to where the address is already does not change it.
  addEventListener("click", (event) => {
    if (event.target.closest("a")) setTimeout(reveal);
  });

  // Copy commands, if the browser permits it.
  for (const block of navigator.clipboard ? all(".copy") : []) {
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
