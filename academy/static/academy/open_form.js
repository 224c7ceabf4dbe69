// A button that saves waits until what the form saves by itself has its answer; what was not sent yet is called off.
// The server keeps both in one line however that goes (academy/viewsets/open_forms.py): it is told in which order they
// were sent.
const LONGEST_WAIT = 10_000;
const FORM = "form[data-edit-form]";
const NOT_TYPED = /^(csrfmiddlewaretoken|next|open-form.*|loaded_revision_.*|overwrite_revision_id|comments-.*)$/;
let waiting = null;
let turn = null;
let sent = null;

function nextTurn(form) {
  const field = form.querySelector("[name=open-form-turn]");
  turn = (turn ?? Number(field?.value ?? 0)) + 1;
  return turn;
}

document.addEventListener("w-autosave:save", (event) => {
  if ("openFormDone" in event.target.dataset) {
    // A button's answer is on its way: what the leaving page would save by itself makes that answer's page an old one.
    event.preventDefault();
    return;
  }
  waiting = event;
  sent = [...event.detail.formData];
  // Not into the form: its fields are compared to see whether something was typed.
  event.detail.formData.set("open-form-turn", nextTurn(event.target));
});

function said(entries, filled) {
  const words = entries
    .filter(([name]) => !NOT_TYPED.test(name) && !(name in filled))
    .map(([name, value]) => [name, value instanceof File ? `${value.name} ${value.size}` : value]);
  return new URLSearchParams(words).toString();
}

// Wagtail takes what the form says when the answer comes for saved; what was typed since it was sent is not. It is told
// what was sent, so that it finds the difference with its next look and saves again.
document.addEventListener("w-autosave:success", (event) => {
  const form = event.target;
  const unsaved = window.wagtail?.app?.getControllerForElementAndIdentifier(form, "w-unsaved");
  if (!unsaved || !sent) return;
  const filled = event.detail.data?.field_updates ?? {};
  const before = said(sent, filled);
  if (before !== said([...new FormData(form)], filled)) unsaved.initialFormData = before;
  sent = null;
});

function hidden(form, name, value) {
  const field = form.querySelector(`input[type=hidden][name="${name}"]`) ?? document.createElement("input");
  field.type = "hidden";
  field.name = name;
  field.value = value;
  form.append(field);
}

function send(form, button) {
  // The button is disabled by now, and a disabled one would not be sent.
  if (button?.name) hidden(form, button.name, button.value);
  form.dataset.openFormSent = "";
  form.requestSubmit();
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!form.matches(FORM)) return;
    const saving = window.wagtail?.app?.getControllerForElementAndIdentifier(form, "w-autosave");
    if ("openFormDone" in form.dataset) {
      // Pressed once more while the page of the answer is on its way.
      event.preventDefault();
      return;
    }
    if (!saving?.submitPromise || "openFormSent" in form.dataset) {
      const field = form.querySelector("[name=open-form-turn]");
      if (field) field.value = nextTurn(form);
      form.dataset.openFormDone = "";
      setTimeout(() => delete form.dataset.openFormDone, LONGEST_WAIT);
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    if (form.dataset.openFormWaits !== undefined) return;
    form.dataset.openFormWaits = "";
    saving.activeValue = false;
    waiting?.preventDefault();
    const longest = new Promise((resolve) => setTimeout(resolve, LONGEST_WAIT));
    Promise.race([saving.submitPromise, longest]).then(() => send(form, event.submitter));
  },
  true,
);
