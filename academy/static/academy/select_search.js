// A list that is too long to scroll is found in by typing: a select with many options gets a field that narrows them.
// The select stays what the form sends and what other scripts read and write; without this script it is used as it is.
// An option may carry further words by which it is found (data-words), and the address of a picture (data-picture).
(() => {
  const MANY = 25;
  const SHOWN = 100;
  const words = document.currentScript.dataset;
  let made = 0;

  function isLong(select) {
    return !select.multiple && select.size < 2 && select.options.length >= MANY && !("found" in select.dataset);
  }

  function textOf(option) {
    const group = option.parentElement.tagName === "OPTGROUP" ? `${option.parentElement.label} · ` : "";
    return group + option.text.trim();
  }

  const soughtIn = (option) => `${textOf(option)} ${option.dataset.words || ""}`;

  // Each word that was typed stands somewhere in the option, in either width of letters.
  function matches(select, typed) {
    const plain = (text) => text.normalize("NFKC").toLocaleLowerCase();
    const parts = plain(typed).split(/\s+/).filter(Boolean);
    const usable = [...select.options].filter((option) => !option.disabled);
    return usable.filter((option) => parts.every((part) => plain(soughtIn(option)).includes(part)));
  }

  class Finder {
    constructor(select) {
      this.select = select;
      this.options = [];
      this.at = -1;
      made += 1;
      this.make(`academy-find-${made}`);
      this.listen();
      this.show();
    }

    make(id) {
      const { select } = this;
      select.dataset.found = "";
      this.box = document.createElement("div");
      this.box.className = "academy-find";
      this.input = document.createElement("input");
      Object.assign(this.input, {
        type: "text",
        id,
        autocomplete: "off",
        spellcheck: false,
        required: select.required,
      });
      this.list = document.createElement("ul");
      Object.assign(this.list, { id: `${id}-list`, className: "academy-find__list", hidden: true });
      this.list.setAttribute("role", "listbox");
      const roles = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false" };
      roles["aria-controls"] = this.list.id;
      for (const name of ["aria-describedby", "aria-invalid", "aria-label", "aria-labelledby"]) {
        if (select.hasAttribute(name)) roles[name] = select.getAttribute(name);
      }
      for (const [name, value] of Object.entries(roles)) this.input.setAttribute(name, value);
      for (const label of select.labels) {
        this.list.setAttribute("aria-label", label.textContent.trim());
        label.htmlFor = id;
      }
      select.required = false;
      select.tabIndex = -1;
      select.setAttribute("aria-hidden", "true");
      select.classList.add("academy-find__select");
      select.before(this.box);
      this.box.append(this.input, this.list, select);
    }

    listen() {
      const { input, list, select } = this;
      // Forms that answer while one types are told of the choice, not of the letters.
      for (const kind of ["input", "change"]) {
        input.addEventListener(kind, (event) => event.stopPropagation());
      }
      input.addEventListener("input", () => this.open(input.value));
      input.addEventListener("click", () => list.hidden && this.open(""));
      input.addEventListener("keydown", (event) => this.press(event));
      input.addEventListener("focus", () => input.select());
      input.addEventListener("blur", () => this.leave());
      list.addEventListener("mousedown", (event) => event.preventDefault());
      list.addEventListener("click", (event) => {
        const row = event.target.closest("[role=option]");
        if (row) this.choose(Number(row.dataset.at));
      });
      select.addEventListener("change", () => this.show());
      select.form?.addEventListener("reset", () => setTimeout(() => this.show()));
      const changed = new MutationObserver(() => this.show());
      changed.observe(select, { attributes: true, attributeFilter: ["disabled"], childList: true });
    }

    // What is chosen; an option without a value is what the field says while it is empty.
    show() {
      const option = this.select.selectedOptions[0];
      this.input.value = option?.value ? textOf(option) : "";
      this.input.placeholder = option && !option.value ? option.text.trim() : words.find;
      this.input.disabled = this.select.disabled;
    }

    open(typed) {
      const found = matches(this.select, typed);
      this.options = found.slice(0, SHOWN);
      const rows = this.options.map((option, at) => this.row(option, at));
      const more = found.length - this.options.length;
      if (!found.length) rows.push(this.note(words.none));
      if (more) rows.push(this.note(words.more.replace("{}", more)));
      this.list.replaceChildren(...rows);
      this.list.hidden = false;
      this.input.setAttribute("aria-expanded", "true");
      const chosen = this.options.indexOf(this.select.selectedOptions[0]);
      this.move(typed ? 0 : Math.max(chosen, 0));
    }

    row(option, at) {
      const row = document.createElement("li");
      row.id = `${this.list.id}-${at}`;
      row.dataset.at = at;
      row.textContent = textOf(option);
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", String(option.selected));
      if (option.dataset.picture) {
        const picture = document.createElement("img");
        Object.assign(picture, { alt: "", loading: "lazy", src: option.dataset.picture });
        row.replaceChildren(picture, option.title || textOf(option));
      }
      return row;
    }

    note(text) {
      const row = document.createElement("li");
      row.className = "academy-find__note";
      row.textContent = text;
      row.setAttribute("role", "option");
      row.setAttribute("aria-disabled", "true");
      row.setAttribute("aria-selected", "false");
      delete row.dataset.at;
      return row;
    }

    move(at) {
      const rows = [...this.list.children].slice(0, this.options.length);
      this.at = rows.length ? Math.min(Math.max(at, 0), rows.length - 1) : -1;
      for (const [place, row] of rows.entries()) row.classList.toggle("is-at", place === this.at);
      if (this.at < 0) this.input.removeAttribute("aria-activedescendant");
      else {
        this.input.setAttribute("aria-activedescendant", rows[this.at].id);
        rows[this.at].scrollIntoView({ block: "nearest" });
      }
    }

    press(event) {
      if (event.isComposing) return;
      const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };
      if (event.key in steps) {
        event.preventDefault();
        if (this.list.hidden) this.open("");
        else this.move(this.at + steps[event.key]);
      } else if (event.key === "Enter" && !this.list.hidden) {
        event.preventDefault();
        if (this.at >= 0) this.choose(this.at);
      } else if (event.key === "Escape" && !this.list.hidden) {
        event.stopPropagation();
        this.close();
        this.show();
      }
    }

    choose(at) {
      const option = this.options[at];
      this.close();
      if (!option) return;
      const before = this.select.value;
      this.select.value = option.value;
      this.show();
      if (before !== option.value) {
        for (const kind of ["input", "change"]) this.select.dispatchEvent(new Event(kind, { bubbles: true }));
      }
    }

    // Emptied and left, the field means its empty option; anything else that was not chosen is forgotten.
    leave() {
      const empty = [...this.select.options].find((option) => !option.value);
      if (!this.list.hidden && !this.input.value.trim() && empty) {
        this.options = [empty];
        this.choose(0);
      }
      this.close();
      this.show();
    }

    close() {
      this.list.hidden = true;
      this.at = -1;
      this.input.setAttribute("aria-expanded", "false");
      this.input.removeAttribute("aria-activedescendant");
    }
  }

  function enhance(root) {
    const selects = root.matches?.("select") ? [root] : root.querySelectorAll?.("select") || [];
    for (const select of selects) if (isLong(select)) new Finder(select);
  }

  function begin() {
    enhance(document);
    // Rows of a form that are added, filters and windows that open later.
    new MutationObserver((changes) => {
      for (const change of changes) for (const node of change.addedNodes) enhance(node);
    }).observe(document.body, { childList: true, subtree: true });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
