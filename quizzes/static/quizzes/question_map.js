// The map of the questions: which are answered and flagged, and the sheet in which a phone shows it.
export class QuestionMap {
  constructor(place, texts) {
    this.place = place;
    this.texts = texts;
    this.sheet = document.querySelector("[data-sheet]");
    this.openOnPhones();
  }

  buttons() {
    return this.place.querySelectorAll("[data-map]");
  }

  button(slot) {
    return this.place.querySelector(`[data-map="${slot}"]`);
  }

  pageOf(slot) {
    return this.button(slot)?.dataset.page || "";
  }

  mark(slot, name, value) {
    const button = this.button(slot);
    if (!button || Boolean(button.dataset[name]) === Boolean(value)) return;
    button.dataset[name] = value ? "1" : "";
    button.classList.toggle(`is-${name}`, Boolean(value));
    const words =
      (button.dataset.answered ? `, ${this.texts.textAnswered}` : "") +
      (button.dataset.flagged ? `, ${this.texts.textFlagged}` : "");
    button.querySelector("[data-map-words]").textContent = words;
    this.count();
  }

  count() {
    const all = this.buttons().length;
    const answered = this.place.querySelectorAll(".is-answered").length;
    const flagged = this.place.querySelectorAll(".is-flagged").length;
    this.place.querySelector("[data-counts]").textContent = this.texts.textCounts
      .replace("{a}", answered)
      .replace("{o}", all - answered)
      .replace("{f}", flagged);
    document.querySelectorAll("[data-count]").forEach((place) => {
      place.textContent = `${answered}/${all}`;
    });
  }

  // Where the person is.
  point(slot) {
    this.place.querySelectorAll("[aria-current]").forEach((button) => {
      button.removeAttribute("aria-current");
    });
    this.button(slot)?.setAttribute("aria-current", "step");
    this.count();
  }

  openOnPhones() {
    const sheet = this.sheet;
    if (!sheet?.showModal) return;
    const home = this.place.parentNode;
    document.addEventListener("click", (event) => {
      if (!event.target.closest?.("[data-sheet-open]")) return;
      event.preventDefault();
      sheet.querySelector("[data-sheet-in]").appendChild(this.place);
      sheet.showModal();
    });
    sheet.addEventListener("close", () => {
      home.appendChild(this.place);
    });
    sheet.addEventListener("click", (event) => {
      if (event.target === sheet) sheet.close();
    });
  }

  close() {
    if (this.sheet?.open) this.sheet.close();
  }
}
