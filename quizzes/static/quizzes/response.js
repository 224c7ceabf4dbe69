// What the form of a question holds, as it is sent and kept.
export function read(form) {
  const raw = {};
  const holder = form.querySelector("[data-response]");
  holder.querySelectorAll("[name^=response]").forEach((field) => {
    if (field.tagName === "BUTTON") return;
    const name = field.name === "response" ? "response" : field.name.slice(9);
    const many =
      field.type === "checkbox" ||
      (field.type !== "radio" && holder.querySelectorAll(`[name="${field.name}"]`).length > 1);
    if (many) raw[name] = raw[name] || [];
    const on = (field.type !== "radio" && field.type !== "checkbox") || field.checked;
    if (on && many) raw[name].push(field.value);
    else if (on) raw[name] = field.value;
  });
  return raw;
}

// Whether what is sent of a form says nothing.
export function isBlank(raw) {
  return Object.values(raw).every((value) => value.length === 0);
}

// Whether a form holds something else than the server sent: what was chosen before this script ran said so to nobody.
export function touched(form) {
  return [...form.querySelectorAll("[data-response] [name^=response]")].some((field) => {
    if (field.tagName === "BUTTON" || field.type === "hidden" || field.disabled) return false;
    if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
    if (field.tagName !== "SELECT") return field.value !== field.defaultValue;
    const given = [...field.options].find((option) => option.defaultSelected) || field.options[0];
    return given !== undefined && field.value !== given.value;
  });
}

// Whether nothing was chosen to be said: then that is asked for, where one chooses, and nothing is saved.
export function unchosen(form) {
  const asked = form.querySelector("[data-choose]");
  const isChosen = form.querySelector("[name=response-say]:checked") !== null;
  if (!asked) return false;
  asked.hidden = isChosen;
  if (!isChosen) asked.focus();
  return !isChosen;
}

// Puts back what the queue still holds and the server does not know.
export function fill(form, raw) {
  form.querySelectorAll("[data-response] [name^=response]").forEach((field) => {
    const value = raw[field.name === "response" ? "response" : field.name.slice(9)];
    if (field.tagName === "BUTTON" || field.type === "hidden" || value === undefined) return;
    if (field.type === "radio" || field.type === "checkbox")
      field.checked = Array.isArray(value) ? value.indexOf(field.value) !== -1 : value === field.value;
    else field.value = value;
    if (field.tagName === "SELECT") showChosen(field);
  });
}

// A box shows one line: what was chosen from a long list stands below it as a whole.
export function showChosen(select) {
  const whole = select.parentElement?.querySelector("[data-chosen]");
  if (!whole) return;
  whole.textContent = select.value === "" ? "" : select.options[select.selectedIndex].text;
}
