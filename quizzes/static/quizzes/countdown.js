// The countdown is the server's: it sends the seconds left, and this page only counts them down.
//
// performance.now() does not know the person's clock, so a wrong one, or one that is set meanwhile, changes nothing.

// What is said at this many seconds: each minute, in the last minute every ten, in the last ten each.
function spoken(left) {
  return left <= 10 || (left <= 60 && left % 10 === 0) || left % 60 === 0;
}

export class Countdown {
  constructor(place, over) {
    this.place = place;
    this.over = over;
    this.polite = document.querySelector("[data-spoken]");
    this.urgent = document.querySelector("[data-spoken-now]");
    this.last = null;
    this.set(Number(place.dataset.left));
  }

  set(left) {
    this.end = performance.now() + left * 1000;
    this.done = false;
    clearTimeout(this.timer);
    this.tick();
  }

  left() {
    return Math.max(0, Math.ceil((this.end - performance.now()) / 1000));
  }

  exact() {
    return (this.end - performance.now()) / 1000;
  }

  words(left) {
    const data = this.place.dataset;
    const parts = [];
    if (left >= 3600) parts.push(data.hours.replace("0", String(Math.floor(left / 3600))));
    if (left >= 60) parts.push(data.minutes.replace("0", String(Math.floor(left / 60) % 60)));
    parts.push(data.seconds.replace("0", String(left % 60)));
    return parts.join(" ");
  }

  tick() {
    const left = this.left();
    const data = this.place.dataset;
    if (left !== this.last) {
      this.place.textContent = `${data.label} ${this.words(left)}`;
      this.place.classList.toggle("countdown--last", left <= 60);
      if (spoken(left) && left > 60)
        this.polite.textContent = `${data.label} ${data.spokenMinutes.replace("0", String(Math.round(left / 60)))}`;
      else if (spoken(left) && left > 0) this.urgent.textContent = data.spokenSeconds.replace("0", String(left));
      this.last = left;
    }
    if (left === 0) {
      if (!this.done) {
        this.done = true;
        this.over();
      }
      return;
    }
    // Just after the next full second, so that none is left out.
    this.timer = setTimeout(
      () => {
        this.tick();
      },
      ((this.end - performance.now()) % 1000) + 20,
    );
  }
}
