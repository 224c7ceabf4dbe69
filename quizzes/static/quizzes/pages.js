// Pages of a paper as the server sends them, one by one.
export class Pages {
  constructor(address, queue) {
    this.start = address;
    this.queue = queue;
  }

  address(slot) {
    return `${this.start}?slot=${slot}`;
  }

  load(slot) {
    const queue = this.queue;
    return fetch(this.address(slot), {
      headers: { "X-Page": "1" },
      redirect: "manual",
      credentials: "same-origin",
      cache: "no-store",
    }).then(
      (response) => {
        if (response.ok) return response.text();
        if (response.type === "opaqueredirect") {
          location.assign(this.address(slot));
          return new Promise(() => {});
        }
        if (response.status === 401) queue.tell("signin");
        else queue.tell(response.status === 404 ? "stranger" : response.status === 403 ? "outside" : "busy");
        throw new Error(String(response.status));
      },
      () => {
        queue.tell("offline");
        throw new Error("offline");
      },
    );
  }
}

export function parsed(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html.trim();
  return holder.content.firstElementChild;
}

// Scripts of question types do not run when a page comes as text.
export function wake(section) {
  section.querySelectorAll("script[src]").forEach((old) => {
    const script = document.createElement("script");
    script.src = old.getAttribute("src");
    old.replaceWith(script);
  });
}
