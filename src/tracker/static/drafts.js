// What somebody types at the desk survives a reload, an expired session and a closed window.
// It is kept in this browser only, under the account's number, and goes when the form was taken.

const OLDEST = 7 * 24 * 3600 * 1000;
const account = document.body.dataset.account;
const prefix = `draft ${account} `;

// Never kept: proofs, secrets, files. The row's version is kept: text typed on an older version must not pass for new.
const kept = (field) => field.name && !["csrf_token", "form_key"].includes(field.name) && !["password", "file", "submit", "button"].includes(field.type);

const isTyped = (form) => form.method === "post" && !("secret" in form.dataset) && form.querySelector("textarea, input:not([type=hidden]):not([type=checkbox]), select");

// The same form in the list and on its own page is one draft: only what names its rows counts.
const keyOf = (form) => {
  const address = new URL(form.getAttribute("action") || location.href, location.href);
  const names = ["code", "id", "commitment", "figure"].flatMap((name) => address.searchParams.getAll(name));
  return prefix + [address.pathname, ...names].join(" ");
};

const valuesOf = (form) => {
  const values = {};
  for (const field of form.elements) {
    if (!kept(field) || (field.type === "radio" && !field.checked)) continue;
    if (field.type === "checkbox") (values[field.name] ??= []).push(...(field.checked ? [field.value] : []));
    else if (field.multiple) values[field.name] = [...field.selectedOptions].map((option) => option.value);
    else values[field.name] = field.value;
  }
  return values;
};

const put = (field, value) => {
  if (field.type === "checkbox") field.checked = [].concat(value).includes(field.value);
  else if (field.type === "radio") field.checked = field.value === value;
  else if (field.multiple) for (const option of field.options) option.selected = value.includes(option.value);
  else field.value = value;
};

const differs = (a, b) => JSON.stringify(a) !== JSON.stringify(b);

const read = (key) => {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
};

const keep = (form, sent = false) => {
  try {
    localStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), sent, values: valuesOf(form) }));
  } catch {
    // Storage that is full or forbidden keeps nothing; the form works as it did.
  }
};

const notice = (form, opened) => {
  const shown = document.getElementById("draft-notice").content.cloneNode(true).firstElementChild;
  shown.querySelector("button").addEventListener("click", () => {
    for (const field of form.elements) if (kept(field) && field.name in opened) put(field, opened[field.name]);
    localStorage.removeItem(keyOf(form));
    shown.remove();
  });
  form.prepend(shown);
};

const restore = (form) => {
  // A form that was sent and came back holds what was typed, and the version that it may be saved on.
  const draft = !form.closest("[data-answered]") && isTyped(form) && read(keyOf(form));
  if (!draft) return;
  const opened = valuesOf(form);
  if (!differs(draft.values, { ...draft.values, ...opened })) return;
  for (const field of form.elements) if (kept(field) && field.name in draft.values) put(field, draft.values[field.name]);
  for (const fold of form.querySelectorAll("details")) {
    if ([...fold.querySelectorAll("input, textarea, select")].some((field) => kept(field) && differs(opened[field.name], draft.values[field.name]))) fold.open = true;
  }
  notice(form, opened);
};

const restoreAll = (under) => under.querySelectorAll("form").forEach(restore);

const tidy = () => {
  const taken = document.querySelector("main > .notice.good");
  for (const key of Object.keys(localStorage).filter((name) => name.startsWith(prefix))) {
    const draft = read(key);
    if (!draft || Date.now() - draft.at > OLDEST || (draft.sent && taken)) localStorage.removeItem(key);
  }
};

let waiting;
document.addEventListener("input", ({ target }) => {
  const form = target.form;
  if (!form || !isTyped(form) || !form.closest("main")) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => keep(form), 300);
});
document.addEventListener("submit", ({ target }) => {
  clearTimeout(waiting);
  if (isTyped(target) && target.closest("main")) keep(target, true);
});
// The list takes a record without a new page and says so.
document.addEventListener("desk:taken", ({ target }) => localStorage.removeItem(keyOf(target)));

tidy();
restoreAll(document.querySelector("main"));
new MutationObserver((changes) => {
  for (const change of changes) for (const node of change.addedNodes) if (node.querySelectorAll) restoreAll(node);
}).observe(document.querySelector("main"), { childList: true, subtree: true });
