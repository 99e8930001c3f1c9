// The words of a commitment light up together with its line in the margin: on hover, on focus, and when the address
// names it. Without this script the links lead to the same places.
const runs = [...document.querySelectorAll(".run[data-codes]")];
const lines = [...document.querySelectorAll(".margin [data-code]")];

function light(name, code) {
  for (const run of runs) {
    run.classList.toggle(name, Boolean(code) && run.dataset.codes.split(" ").includes(code));
    run.classList.toggle(`${name}-own`, Boolean(code) && run.dataset.own === code);
  }
  for (const line of lines) line.classList.toggle(name, line.dataset.code === code);
}

function named() {
  const code = decodeURIComponent(location.hash.slice(1));
  light("named", lines.some((line) => line.dataset.code === code) ? code : "");
}

function near(event) {
  const line = event.target.closest?.(".margin [data-code]");
  const run = event.target.closest?.(".run[data-codes]");
  light("lit", line?.dataset.code ?? run?.dataset.own ?? "");
}

const reading = document.querySelector(".reading");
for (const kind of ["pointerover", "focusin"]) reading?.addEventListener(kind, near);
for (const kind of ["pointerleave", "focusout"]) reading?.addEventListener(kind, () => light("lit", ""));
addEventListener("hashchange", named);
named();
