/* The list of commitments: rows open in place, and a follow-up is recorded without leaving the list.
   Without this script the same links and forms lead to pages. */

const table = document.querySelector("table.commitments");
const said = document.getElementById("said");

/** The row of a commitment with what it opens to, as the server shows them now. */
async function fetched(code, sent) {
  const address = new URL(table.dataset.row, location.href);
  address.search = location.search;
  address.searchParams.set("code", code);
  const answer = await fetch(address, { method: sent ? "POST" : "GET", body: sent, redirect: "manual" });
  if (![200, 409, 422].includes(answer.status)) throw Object.assign(new Error("refused"), { status: answer.status });
  const held = document.createElement("template");
  held.innerHTML = await answer.text();
  const [row, opened] = ["tr.row", "tr.opened"].map((which) => held.content.querySelector(which));
  return { done: answer.ok, row, opened };
}

function openedOf(row) {
  return document.getElementById(`opened-${row.dataset.code}`);
}

function show(row, visible) {
  openedOf(row).hidden = !visible;
  row.classList.toggle("is-open", visible);
  row.querySelector("[data-open]").setAttribute("aria-expanded", String(visible));
}

/** Open a row, or close it; what was typed stays in a closed one. */
async function turn(link, row) {
  if (openedOf(row)) return show(row, openedOf(row).hidden);
  await load(link, row);
}

async function record(link, row) {
  if (!openedOf(row)) await load(link, row);
  if (!openedOf(row)) return;
  show(row, true);
  const form = openedOf(row).querySelector(".recording");
  form.open = true;
  form.querySelector("select").focus();
}

async function load(link, row) {
  if (row.ariaBusy === "true") return;
  row.ariaBusy = "true";
  try {
    const { opened } = await fetched(row.dataset.code);
    row.after(opened);
    show(row, true);
  } catch {
    location.assign(link.href);
  } finally {
    row.ariaBusy = null;
  }
}

/** Send a form; where the session has changed since it was opened, once more with a new token. */
async function sent(form, code) {
  try {
    return await fetched(code, new URLSearchParams(new FormData(form)));
  } catch (refusal) {
    if (refusal.status !== 400) throw refusal;
    const { opened } = await fetched(code);
    form.elements.csrf_token.value = opened.querySelector("[name=csrf_token]").value;
    return fetched(code, new URLSearchParams(new FormData(form)));
  }
}

async function send(form) {
  const old = form.closest("tr.opened");
  const row = old.previousElementSibling;
  const failed = old.querySelector("[data-failed]");
  if (old.ariaBusy === "true") return;
  old.ariaBusy = "true";
  failed.hidden = true;
  try {
    const { done, row: newer, opened } = await sent(form, row.dataset.code);
    // A draft of what was typed is kept while something is wrong with it, and then the answer marks what.
    if (done || !opened.querySelector("[aria-invalid]")) form.dispatchEvent(new Event("desk:taken", { bubbles: true }));
    old.replaceWith(opened);
    if (done) {
      row.replaceWith(newer);
      newer.querySelector("[data-open]").focus();
      said.textContent = `${row.dataset.code} ${opened.querySelector("[data-said]").textContent}`;
    } else {
      opened.querySelector(".recording").open = true;
      (opened.querySelector("[aria-invalid]") ?? opened.querySelector("select")).focus();
    }
  } catch {
    old.ariaBusy = null;
    failed.hidden = false;
  }
}

table?.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-open], a[data-record]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const row = link.closest("tr.row");
  if (link.matches("[data-record]")) record(link, row);
  else turn(link, row);
});

table?.addEventListener("submit", (event) => {
  event.preventDefault();
  send(event.target);
});

/* A panel closes when one goes on elsewhere. */
document.addEventListener("click", (event) => {
  for (const panel of document.querySelectorAll("details.panel[open]")) {
    if (!panel.contains(event.target)) panel.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const panel = event.target.closest?.("details.panel[open]");
  if (event.key !== "Escape" || !panel) return;
  panel.open = false;
  panel.querySelector("summary").focus();
});
