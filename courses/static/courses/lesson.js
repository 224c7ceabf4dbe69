// Notes that the lesson was opened and how far it was read; everything works without it.
(() => {
  const lesson = document.querySelector("[data-lesson][data-open]");
  if (!lesson?.dataset.started) return;
  let furthest = Number(lesson.dataset.read || 0);
  let sent = furthest;
  function post(url, fields) {
    // A copy that the browser kept tells nobody how far it was read.
    if (document.documentElement.dataset.keptAt) return;
    const body = new URLSearchParams(fields);
    body.set("csrfmiddlewaretoken", lesson.dataset.token);
    fetch(url, {
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
