// A half-filled score sheet is kept on the phone at once and on the server soon after; a dead line loses nothing.
const form = document.querySelector("[data-sheet]");
const receipt = form.querySelector("[data-receipt]");
const key = `academy.sheet.${form.dataset.person}.${form.dataset.sheet}`;
const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
const AFTER = 800;
const AGAIN = 5000;
let sequence = Number(form.dataset.sequence);
let timer = null;
let sending = false;
let sent = sequence;

function kept() {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function sheet() {
  const data = new FormData(form);
  const levels = {};
  for (const [name, value] of data.entries()) {
    if (name.startsWith("level-")) levels[name.slice("level-".length)] = Number(value);
  }
  return { levels, vetoes: data.getAll("veto"), comment: data.get("comment"), sequence };
}

function show(draft) {
  for (const [criterion, place] of Object.entries(draft.levels)) {
    const input = form.querySelector(`[name="level-${CSS.escape(criterion)}"][value="${place}"]`);
    if (input) input.checked = true;
  }
  for (const input of form.querySelectorAll("[type=checkbox][name^=level-]")) {
    input.checked = draft.levels[input.name.slice("level-".length)] === Number(input.value);
  }
  for (const input of form.querySelectorAll("[name=veto]")) input.checked = draft.vetoes.includes(input.value);
  form.querySelector("[name=comment]").value = draft.comment;
}

async function send() {
  if (sending || sent === sequence) return;
  sending = true;
  const draft = sheet();
  try {
    const response = await fetch(form.dataset.draft, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify(draft),
    });
    if (!response.ok) throw new Error(String(response.status));
    sent = draft.sequence;
    // What the server has is not left behind on a phone that another may hold.
    if (sent === sequence) localStorage.removeItem(key);
    receipt.textContent = form.dataset.saved;
  } catch {
    receipt.textContent = form.dataset.waits;
    window.setTimeout(send, AGAIN);
  }
  sending = false;
  if (sent !== sequence) window.setTimeout(send, AFTER);
}

const progress = document.querySelector("[data-progress]");

function count() {
  const all = form.querySelectorAll(".sheet__criterion:has([type=radio])").length;
  const done = form.querySelectorAll(".sheet__criterion [type=radio]:checked").length;
  progress.textContent = progress.dataset.words.replace("{done}", done).replace("{all}", all);
}

// A veto was seen, or it could not be observed: one takes the other back.
function one(input) {
  if (!input.checked || input.type !== "checkbox") return;
  const veto = input.name === "veto" ? input.value : input.name.slice("level-".length);
  const other =
    input.name === "veto"
      ? `[type=checkbox][name="level-${CSS.escape(veto)}"]`
      : `[name=veto][value="${CSS.escape(veto)}"]`;
  for (const box of form.querySelectorAll(other)) box.checked = false;
}

function changed(event) {
  one(event.target);
  count();
  sequence += 1;
  try {
    localStorage.setItem(key, JSON.stringify(sheet()));
  } catch {
    /* closed to us: the server's copy is the only one */
  }
  window.clearTimeout(timer);
  timer = window.setTimeout(send, AFTER);
}

const before = kept();
if (before && before.sequence > sequence) {
  sequence = before.sequence;
  show(before);
  send();
} else if (before) {
  // The server keeps what a form sends, too.
  localStorage.removeItem(key);
}
count();
form.addEventListener("input", changed);
form.addEventListener("submit", () => {
  window.clearTimeout(timer);
  form.querySelector("[name=sequence]").value = sequence;
  sequence = sent;
});
window.addEventListener("online", send);
