// Saves every change within a second, keeps unsent answers on the device, counts down by the server's clock.
(function () {
  "use strict";
  const root = document.querySelector("[data-attempt]");
  if (!root) return;
  const form = root.querySelector("[data-question]");
  const receipt = root.querySelector("[data-receipt]");
  const slot = Number(root.dataset.slot);
  const key = "attempt:" + root.dataset.attemptId;
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const tab = sessionStorage.getItem("tab") || Math.random().toString(36).slice(2) + Date.now().toString(36);
  sessionStorage.setItem("tab", tab);
  let timer = null;
  let sending = false;

  function queue() {
    try { return JSON.parse(localStorage.getItem(key)) || []; } catch (e) { return []; }
  }
  function keep(list) {
    try { list.length ? localStorage.setItem(key, JSON.stringify(list)) : localStorage.removeItem(key); } catch (e) { /* a full or closed store: the network still has it */ }
  }
  function say(text, tone) {
    receipt.textContent = text;
    receipt.dataset.tone = tone || "";
  }
  function read() {
    const raw = {};
    const data = new FormData(form);
    const boxes = form.querySelectorAll("input[type=checkbox][name=response]");
    if (boxes.length) {
      raw.response = data.getAll("response");
      return raw;
    }
    data.forEach(function (value, name) {
      if (name === "response") raw.response = value;
      else if (name.indexOf("response-") === 0) raw[name.slice(9)] = value;
    });
    return raw;
  }
  function add() {
    const last = Number(sessionStorage.getItem("sequence") || 0);
    const sequence = Math.max(last + 1, Date.now());
    sessionStorage.setItem("sequence", String(sequence));
    const list = queue().filter(function (entry) { return !(entry.slot === slot && entry.tab === tab); });
    list.push({ slot: slot, sequence: sequence, raw: read(), tab: tab });
    keep(list);
  }
  function body(list) {
    return JSON.stringify({ tab: tab, answers: list });
  }
  function send() {
    const list = queue();
    if (!list.length || sending) return;
    sending = true;
    say(root.dataset.textSaving);
    fetch(root.dataset.save, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token, Accept: "application/json" },
      body: body(list),
      redirect: "manual",
      keepalive: true,
    }).then(function (response) {
      if (response.type === "opaqueredirect" || response.status === 401 || response.status === 403) {
        say(root.dataset.textSignin, "warn");
        const link = document.createElement("a");
        link.href = root.dataset.signin;
        link.textContent = " →";
        receipt.appendChild(link);
        return null;
      }
      if (!response.ok) throw new Error(String(response.status));
      return response.json();
    }).then(function (answer) {
      sending = false;
      if (!answer) return;
      const sent = {};
      list.forEach(function (entry) { sent[entry.slot + ":" + entry.sequence] = true; });
      keep(queue().filter(function (entry) { return !sent[entry.slot + ":" + entry.sequence]; }));
      answer.receipts.forEach(function (one) {
        if (one.status === "saved") {
          const place = document.querySelector('[data-map="' + one.slot + '"]');
          if (place) place.classList.toggle("is-answered", one.answered);
          say("✓ " + root.dataset.textSaved + " " + one.at, "saved");
        } else if (one.status === "older") say(root.dataset.textOlder, "warn");
        else if (one.status === "refused") say(one.message, "warn");
        else say(root.dataset.textLate, "warn");
      });
      if (answer.state === "finished") window.location.assign(root.dataset.submit);
      if (queue().length) send();
    }).catch(function () {
      sending = false;
      say(root.dataset.textOffline, "warn");
      clearTimeout(timer);
      timer = setTimeout(send, 4000);
    });
  }
  function changed(wait) {
    add();
    clearTimeout(timer);
    timer = setTimeout(send, wait);
  }
  form.addEventListener("change", function () { changed(50); });
  form.addEventListener("input", function (event) {
    if (event.target.type === "text") changed(600);
  });
  window.addEventListener("online", send);
  // The plain post carries the answer itself, so what waits for this question need not go twice.
  form.addEventListener("submit", function () {
    keep(queue().filter(function (entry) { return entry.slot !== slot; }));
  });
  window.addEventListener("pagehide", function () {
    if (queue().length) send();
  });
  send();

  const flag = form.querySelector("[data-flag]");
  if (flag) flag.addEventListener("click", function () { add(); send(); });

  const clock = document.querySelector("[data-countdown]");
  if (clock) {
    const spoken = document.querySelector("[data-spoken]");
    const offset = Date.parse(clock.dataset.now) - Date.now();
    const end = Date.parse(clock.dataset.deadline);
    let last = null;
    const tick = function () {
      const left = Math.max(0, Math.round((end - Date.now() - offset) / 1000));
      const minutes = Math.floor(left / 60);
      const seconds = left % 60;
      clock.textContent = clock.dataset.label + " " + minutes + " " + clock.dataset.minutes + " " + seconds + " " + clock.dataset.seconds;
      const speak = left <= 10 || (left <= 60 && left % 10 === 0) || seconds === 0;
      if (speak && left !== last) spoken.textContent = left > 60 ? clock.dataset.label + " " + minutes + " " + clock.dataset.minutes : left + " " + clock.dataset.seconds;
      last = left;
      if (left === 0) {
        const hand = document.createElement("form");
        hand.method = "post";
        hand.action = root.dataset.submit;
        const field = document.createElement("input");
        field.type = "hidden";
        field.name = "csrfmiddlewaretoken";
        field.value = token;
        hand.appendChild(field);
        document.body.appendChild(hand);
        hand.submit();
        return;
      }
      setTimeout(tick, 1000);
    };
    tick();
  }
})();
