// The desk by keyboard. Every key clicks or focuses something that is on the page anyway.

const OFF = "desk keys off";
const help = document.getElementById("keys");
const toggle = help.querySelector("input");
const opener = document.getElementById("keys-open");

const shown = (element) => element && element.getClientRects().length > 0;
const first = (selector) => [...document.querySelectorAll(selector)].find(shown);
const rows = () => [...document.querySelectorAll("main [data-code]")].filter(shown);
const current = () => document.querySelector("main [data-code].at") || document.activeElement.closest?.("main [data-code]");

const go = (row) => {
  if (!row) return;
  for (const other of document.querySelectorAll("main .at")) other.classList.remove("at");
  row.classList.add("at");
  (row.querySelector("a[data-open], a") || row).focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
};

const step = (by) => {
  const all = rows();
  const place = all.indexOf(current());
  go(all[place < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(place + by, 0), all.length - 1)]);
};

const click = (selector) => {
  const found = current()?.querySelector(selector) || first(`main ${selector}`);
  if (found) found.click();
};

const send = () => {
  const form = document.activeElement.form || first("main form[method=post]");
  if (form && form.closest("main")) form.requestSubmit();
};

const plain = {
  j: () => step(1),
  k: () => step(-1),
  ArrowDown: () => step(1),
  ArrowUp: () => step(-1),
  o: () => click("a[data-open]"),
  r: () => click("a[data-record]"),
  e: () => click("a[data-edit]"),
  n: () => (first("main a[rel=next]") ? first("main a[rel=next]").click() : step(1)),
  p: () => (first("main a[rel=prev]") ? first("main a[rel=prev]").click() : step(-1)),
  "/": () => first("main input[type=search]")?.focus(),
  h: () => document.querySelector(".bar .name").click(),
  "?": () => help.showModal(),
};

const typing = (element) => element.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return event.preventDefault(), send();
  if (event.key === "Escape" && typing(event.target)) return event.target.blur();
  if (event.ctrlKey || event.metaKey || event.altKey || help.open || typing(event.target)) return undefined;
  // Arrows move the page for who has not begun to move by rows.
  if (event.key.startsWith("Arrow") && !document.querySelector("main .at")) return undefined;
  if (event.key in plain && (event.key === "?" || !localStorage.getItem(OFF))) {
    event.preventDefault();
    plain[event.key]();
  }
  return undefined;
});

opener.hidden = false;
opener.addEventListener("click", () => help.showModal());
toggle.checked = !localStorage.getItem(OFF);
toggle.addEventListener("change", () => (toggle.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
