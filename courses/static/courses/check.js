// Keeps what is typed at a lesson's question in this tab until the server has it: a session that ended costs nothing.
//
// The key names person and page; what another person left in the tab is dropped, never shown. An entry counts only
// while the page shows the same drawn order and the same stored answer as when it was typed.
(() => {
  const form = document.querySelector("form[data-check]");
  if (!form) return;
  const PREFIX = "academy.check.";
  const mine = PREFIX + form.dataset.check;
  const person = `${PREFIX + form.dataset.check.split(".")[0]}.`;
  const LEFT_OUT = ["csrfmiddlewaretoken", "drawn"];

  function fields() {
    return Array.from(form.elements).filter(
      (one) => one.name && one.type !== "submit" && LEFT_OUT.indexOf(one.name) < 0,
    );
  }
  function is_choice(field) {
    return field.type === "radio" || field.type === "checkbox";
  }
  function keep() {
    const values = fields()
      .filter((one) => !is_choice(one) || one.checked)
      .map((one) => [one.name, one.value]);
    try {
      sessionStorage.setItem(
        mine,
        JSON.stringify({ stored: form.dataset.stored, drawn: form.elements.drawn.value, values: values }),
      );
    } catch {
      /* a closed store keeps nothing, as before */
    }
  }
  function read() {
    try {
      Object.keys(sessionStorage).forEach((key) => {
        if (key.indexOf(PREFIX) === 0 && key.indexOf(person) !== 0) sessionStorage.removeItem(key);
      });
      const kept = JSON.parse(sessionStorage.getItem(mine));
      if (kept && kept.stored === form.dataset.stored && kept.drawn === form.elements.drawn.value) return kept.values;
      sessionStorage.removeItem(mine);
    } catch {
      /* nothing can be read: nothing is shown */
    }
    return null;
  }
  const values = read();
  if (values) {
    const taken = new Set();
    fields().forEach((field) => {
      const index = values.findIndex(
        (one, place) => !taken.has(place) && one[0] === field.name && (!is_choice(field) || one[1] === field.value),
      );
      if (is_choice(field)) field.checked = index >= 0;
      else if (index >= 0) field.value = values[index][1];
      if (index >= 0) taken.add(index);
    });
  }
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  form.addEventListener("click", () => {
    setTimeout(keep, 0);
  });
  form.addEventListener("submit", keep);
})();
