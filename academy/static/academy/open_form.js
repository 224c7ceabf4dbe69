// A button that saves waits until what the form saves by itself has its answer; what was not sent yet is called off.
// The server keeps both in one line however that goes (academy/viewsets/open_forms.py): it is told in which order they
// were sent.
const LONGEST_WAIT = 10_000;
const FORM = "form[data-edit-form]";
let waiting = null;
let turn = null;

function nextTurn(form) {
  const field = form.querySelector("[name=open-form-turn]");
  turn = (turn ?? Number(field?.value ?? 0)) + 1;
  return turn;
}

document.addEventListener("w-autosave:save", (event) => {
  waiting = event;
  // Not into the form: its fields are compared to see whether something was typed.
  event.detail.formData.set("open-form-turn", nextTurn(event.target));
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
