// Formats the texts of a question: bold, powers, lists, tables, pictures, sounds. Without it the text is its source.
(() => {
  const OPEN = "<rich-text>";
  const CLOSE = "</rich-text>";
  // A place for the caret to stand at; it is not kept.
  const NOTHING = "\u200b";
  const KEPT = new Set(
    "P BR STRONG EM U SUP SUB UL OL LI TABLE CAPTION THEAD TBODY TFOOT TR TD TH IMG AUDIO".split(" "),
  );
  const RENAMED = { B: "strong", I: "em", DIV: "p", H1: "p", H2: "p", H3: "p", H4: "p", H5: "p", H6: "p" };
  const ATTRIBUTES = ["data-file", "alt", "title", "colspan", "rowspan"];
  const COMMANDS = [
    ["bold", "B", "bold"],
    ["italic", "I", "italic"],
    ["underline", "U", "underline"],
    ["sup", "x²", "power"],
    ["sub", "x₂", "index"],
    ["insertUnorderedList", "•", "list"],
    ["insertOrderedList", "1.", "numbers"],
  ];

  function element(name, attributes = {}, text = "") {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return made;
  }

  // What a paste or a stored text may bring in; the server cleans it once more.
  function cleaned(html) {
    const found = new DOMParser().parseFromString(html, "text/html").body;
    const target = document.createDocumentFragment();
    copy(found, target);
    return target;
  }

  function copy(from, into) {
    for (const node of from.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) into.append(node.textContent.replaceAll(NOTHING, ""));
      if (node.nodeType !== Node.ELEMENT_NODE || ["SCRIPT", "STYLE", "SVG"].includes(node.tagName.toUpperCase()))
        continue;
      const tag = node.tagName.toUpperCase();
      const file = node.getAttribute("data-file");
      if ((tag === "IMG" || tag === "AUDIO") && !file) {
        into.append(`【${node.getAttribute("alt") || node.getAttribute("title") || "…"}】`);
      } else if (KEPT.has(tag) || RENAMED[tag]) {
        const made = element(RENAMED[tag] || tag.toLowerCase());
        for (const name of ATTRIBUTES) if (node.hasAttribute(name)) made.setAttribute(name, node.getAttribute(name));
        copy(node, made);
        into.append(made);
      } else {
        copy(node, into);
      }
    }
  }

  function shown(fragment, files) {
    for (const node of fragment.querySelectorAll("img, audio")) {
      node.src = files.replace("0".repeat(64), node.getAttribute("data-file"));
      node.className = "rich__file";
      if (node.tagName === "AUDIO") node.controls = true;
    }
    return fragment;
  }

  function source(editor) {
    const html = element("div");
    html.append(cleaned(editor.innerHTML));
    return html.textContent.trim() || html.querySelector("img, audio") ? OPEN + html.innerHTML + CLOSE : "";
  }

  class RichText {
    constructor(field, words) {
      this.field = field;
      this.words = words;
      this.start = element("button", { type: "button", class: "rich-start" }, words.format);
      this.start.addEventListener("click", () => {
        this.open();
        this.editor.focus();
      });
      field.after(this.start);
      if (field.value.startsWith(OPEN)) this.open();
    }

    open() {
      const { field, words } = this;
      const text = field.value;
      this.box = element("div", { class: "rich-box" });
      this.editor = element("div", {
        class: "rich rich-editor",
        contenteditable: "true",
        role: "textbox",
        "aria-multiline": "true",
        "aria-label": (field.labels[0] || field).textContent,
        lang: field.lang,
      });
      const html = text.startsWith(OPEN)
        ? text.slice(OPEN.length, -CLOSE.length)
        : text
            .split("\n")
            .map((line) => element("p", {}, line).innerHTML)
            .join("<br>");
      this.editor.append(shown(cleaned(html), words.files));
      this.box.append(this.toolbar(), this.asked(), this.editor);
      field.after(this.box);
      field.hidden = true;
      this.start.hidden = true;
      this.editor.addEventListener("input", () => this.write());
      this.editor.addEventListener("paste", (event) => this.paste(event));
      this.editor.addEventListener("click", (event) => {
        if (event.target.tagName === "IMG" || event.target.tagName === "AUDIO") this.ask(event.target);
      });
    }

    toolbar() {
      const bar = element("div", { class: "rich-bar", role: "toolbar", "aria-label": this.words.format });
      for (const [command, sign, name] of COMMANDS) {
        const raises = command === "sup" || command === "sub";
        const act = () => (raises ? this.raise(command) : document.execCommand(command));
        const button = this.button(sign, this.words[name], act);
        button.dataset.command = command;
        bar.append(button);
      }
      bar.append(
        this.button("▦", this.words.table, () => this.table()),
        this.button("▦+", this.words.row, () => this.grow("row")),
        this.button("▦|+", this.words.column, () => this.grow("column")),
        this.button("▦−", this.words.fewer, () => this.cell()?.parentElement.remove()),
      );
      const chosen = element("input", {
        type: "file",
        hidden: "",
        accept: "image/png,image/jpeg,image/gif,image/webp,audio/*",
      });
      chosen.addEventListener("change", () => this.send(chosen));
      bar.append(
        chosen,
        this.button(this.words.file, this.words.file, () => chosen.click()),
      );
      return bar;
    }

    button(sign, name, act) {
      const made = element("button", { type: "button", "aria-label": name, title: name }, sign);
      // The place in the text stays where it is.
      made.addEventListener("mousedown", (event) => event.preventDefault());
      made.addEventListener("click", () => {
        this.editor.focus();
        act();
        this.write();
      });
      return made;
    }

    asked() {
      this.row = element("p", { class: "rich-asked", hidden: "" });
      this.label = element("label", {}, this.words.shows);
      this.said = element("input", { type: "text", maxlength: "300" });
      this.label.append(this.said);
      this.fault = element("span", { role: "alert" });
      this.row.append(this.label, this.fault);
      this.said.addEventListener("input", () => {
        this.file?.setAttribute(this.file.tagName === "IMG" ? "alt" : "title", this.said.value);
        this.write();
      });
      return this.row;
    }

    ask(file, fault = "") {
      this.file = file;
      this.row.hidden = false;
      this.label.hidden = !file;
      this.fault.textContent = fault;
      if (!file) return;
      this.said.value = file.getAttribute(file.tagName === "IMG" ? "alt" : "title") || "";
      this.said.focus();
    }

    async send(chosen) {
      const data = new FormData();
      data.append("file", chosen.files[0]);
      data.append("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
      chosen.value = "";
      let answer;
      try {
        answer = await (await fetch(this.words.upload, { method: "POST", body: data })).json();
      } catch {
        answer = { error: this.words.unsent };
      }
      if (answer.error) return this.ask(null, answer.error);
      const sound = answer.kind.startsWith("audio/");
      const file = element(sound ? "audio" : "img", { "data-file": answer.digest });
      if (!sound) file.setAttribute("alt", "");
      const place = document.getSelection();
      const holder = document.createDocumentFragment();
      holder.append(file);
      shown(holder, this.words.files);
      if (place.rangeCount && this.editor.contains(place.anchorNode)) place.getRangeAt(0).insertNode(file);
      else this.editor.append(file);
      this.write();
      this.ask(file);
    }

    table() {
      const row = (tag) => `<tr>${`<${tag}><br></${tag}>`.repeat(3)}</tr>`;
      document.execCommand(
        "insertHTML",
        false,
        `<table><tbody>${row("th")}${row("td")}${row("td")}</tbody></table><br>`,
      );
    }

    // The browser's own command does not come back to the line.
    raise(tag) {
      const place = document.getSelection();
      if (!place.rangeCount || !this.editor.contains(place.anchorNode)) return;
      const range = place.getRangeAt(0);
      const start = place.anchorNode.nodeType === Node.TEXT_NODE ? place.anchorNode.parentElement : place.anchorNode;
      const around = start.closest("sup, sub");
      const nothing = document.createTextNode(NOTHING);
      if (around && this.editor.contains(around)) {
        if (place.isCollapsed) around.after(nothing);
        else around.replaceWith(...around.childNodes);
      } else {
        const made = element(tag);
        made.append(place.isCollapsed ? nothing : range.extractContents());
        range.insertNode(made);
      }
      if (nothing.isConnected) place.collapse(nothing, 1);
    }

    cell() {
      const node = document.getSelection().anchorNode;
      const found = node && (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest("td, th");
      return found && this.editor.contains(found) ? found : null;
    }

    grow(what) {
      const cell = this.cell();
      if (!cell) return;
      if (what === "row") {
        const row = element("tr");
        for (const _one of cell.parentElement.children) row.append(element("td"));
        cell.parentElement.after(row);
      } else {
        const place = [...cell.parentElement.children].indexOf(cell);
        for (const row of cell.closest("table").rows) row.children[place]?.after(element(row.children[place].tagName));
      }
    }

    paste(event) {
      const html = event.clipboardData.getData("text/html");
      if (!html) return;
      event.preventDefault();
      const holder = element("div");
      holder.append(shown(cleaned(html), this.words.files));
      document.execCommand("insertHTML", false, holder.innerHTML);
    }

    write() {
      this.field.value = source(this.editor);
      this.field.dispatchEvent(new Event("input", { bubbles: true }));
      this.field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    const words = document.querySelector("[data-rich-words]");
    if (!words) return;
    document.execCommand("defaultParagraphSeparator", false, "p");
    for (const field of document.querySelectorAll("textarea[data-formatted]")) new RichText(field, words.dataset);
  });
})();
