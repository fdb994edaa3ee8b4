
const updates = new EventSource("updates");

/// Replaces the page by another rendering of it. What the reader unfolded stays open.
function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const open = [...document.querySelectorAll("details")].map((it) => it.open);
  page.querySelectorAll("details").forEach((it, at) => { it.open = open[at] ?? it.open; });
  document.title = page.title;
  document.body.replaceChildren(...page.body.childNodes);
}

updates.addEventListener("page", (event) => show(event.data));
updates.addEventListener("report", (event) => { updates.close(); show(event.data); });
updates.addEventListener("error", () => {
  document.title = "hearback load: connection lost";
  document.getElementById("connection")?.removeAttribute("hidden");
});
