// Notes that the lesson was opened and how far it was read; everything works without it.
(() => {
  const lesson = document.querySelector("[data-lesson][data-open]");
  if (!lesson?.dataset.started) return;
  let furthest = Number(lesson.dataset.read || 0);
  let sent = furthest;
  function post(url, fields) {
    // A copy that the browser kept tells nobody how far it was read.
    if (document.documentElement.dataset.keptAt) return Promise.resolve();
    const body = new URLSearchParams(fields);
    body.set("csrfmiddlewaretoken", lesson.dataset.token);
    return fetch(url, {
      method: "POST",
      body: body,
      headers: { "X-Requested-With": "fetch" },
      keepalive: true,
      redirect: "manual",
    }).catch(() => {
      /* no line: what was read is told the next time */
    });
  }
  post(lesson.dataset.open, {});
  function measure() {
    const box = lesson.getBoundingClientRect();
    const seen = Math.round((1000 * (window.innerHeight - box.top)) / Math.max(1, box.height));
    furthest = Math.min(1000, Math.max(furthest, seen));
  }
  function send() {
    if (furthest > sent) {
      sent = furthest;
      post(lesson.dataset.position, { position: String(furthest) });
    }
  }
  // Where a least reading time is asked: how long the page was in sight. What no line took is told the next time.
  let unsaid = 0;
  let enough = lesson.dataset.reading === undefined;
  let since = performance.now();
  function look() {
    const now = performance.now();
    if (document.visibilityState === "visible") unsaid += (now - since) / 1000;
    since = now;
  }
  function say(answer) {
    const words = document.querySelector("[data-missing]");
    if (!answer || !words) return;
    if (answer.status === 204) {
      enough = true;
      words.textContent = words.dataset.counted;
    } else
      answer.text().then((text) => {
        words.textContent = text;
      });
  }
  function tell() {
    const seconds = Math.floor(unsaid);
    unsaid -= seconds;
    post(lesson.dataset.position, { position: String(furthest), seconds: String(seconds) }).then((answer) => {
      if (answer?.ok) say(answer);
      else unsaid += seconds;
    });
  }
  if (!enough) {
    setInterval(() => {
      look();
      if (unsaid >= 15 && !enough) tell();
    }, 5000);
    document.addEventListener("visibilitychange", () => {
      const now = performance.now();
      if (document.visibilityState === "hidden") unsaid += (now - since) / 1000;
      since = now;
      if (!enough) tell();
    });
  }
  let timer = null;
  window.addEventListener(
    "scroll",
    () => {
      measure();
      clearTimeout(timer);
      timer = setTimeout(send, 1500);
    },
    { passive: true },
  );
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") send();
  });
  if (sent > 60 && sent < 950 && !window.location.hash) {
    window.scrollTo(0, lesson.offsetTop + (lesson.offsetHeight * sent) / 1000 - window.innerHeight);
  }
})();
