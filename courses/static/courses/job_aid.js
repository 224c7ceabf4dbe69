// What is written on a job aid stays in this browser: under its person, erased by device.js at sign-out, for another
// person and past "until". It may be of a client, so it stays no longer than a day.
const DAY = 24 * 3600 * 1000;
const form = document.querySelector("[data-aid]");
const key = `academy.kept.${form.dataset.person}.aid.${form.dataset.aid}`;
const blanks = [...form.querySelectorAll("[data-blank]")];
const keeps = "keeps" in form.dataset;

function held() {
  try {
    const stored = JSON.parse(localStorage.getItem(key));
    return stored && stored.until > Date.now() ? stored.written : {};
  } catch {
    return {};
  }
}

function isTick(blank) {
  return blank.type === "checkbox";
}

function keep() {
  if (!keeps) return;
  const written = {};
  for (const blank of blanks) {
    const value = isTick(blank) ? blank.checked : blank.value;
    if (value) written[blank.dataset.blank] = value;
  }
  try {
    if (Object.keys(written).length) localStorage.setItem(key, JSON.stringify({ written, until: Date.now() + DAY }));
    else localStorage.removeItem(key);
  } catch {
    /* a full or closed store keeps nothing: what is written stands on the page */
  }
}

function show(written) {
  for (const blank of blanks) {
    const value = written[blank.dataset.blank];
    if (isTick(blank)) blank.checked = value === true;
    else blank.value = value ?? "";
  }
}

if (keeps) show(held());
form.addEventListener("input", keep);
// A line to write on is no form to send.
form.addEventListener("submit", (event) => event.preventDefault());

// A guide is read, not filled in: its page has neither button.
function offer(button, act) {
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", act);
}

offer(document.querySelector("[data-print]"), () => window.print());
offer(document.querySelector("[data-clear]"), () => {
  if (!window.confirm(form.dataset.sure)) return;
  show({});
  keep();
});
