// What a browser keeps of a paper beside its pages: what the server has already, and the end as the device counts it.
// A copy of a page was made before most answers were given; with this it shows them.
//
// The key is academy.kept.<person>.<attempt>; device.js erases it at sign-out, for another person and past "until".

// As long as the copies of the pages, see academy/requests/device.py.
const SLACK = 15 * 60 * 1000;
const LONGEST = 7 * 24 * 3600 * 1000;

export class KeptPaper {
  constructor(person, attempt) {
    this.key = `academy.kept.${person}.${attempt}`;
  }

  read() {
    try {
      return Object.assign({ slots: {}, flags: {}, end: null }, JSON.parse(localStorage.getItem(this.key)));
    } catch {
      return { slots: {}, flags: {}, end: null };
    }
  }

  change(act) {
    const held = this.read();
    act(held);
    held.until = Math.min(held.end === null ? Number.POSITIVE_INFINITY : held.end + SLACK, Date.now() + LONGEST);
    try {
      localStorage.setItem(this.key, JSON.stringify(held));
    } catch {
      /* a full or closed store keeps nothing: the server has it */
    }
  }

  // An answer whose receipt came.
  saved(slot, answer) {
    this.change((held) => {
      held.slots[slot] = answer;
    });
  }

  flagged(slot, on) {
    this.change((held) => {
      held.flags[slot] = on;
    });
  }

  // What the server said of the time left; null where the paper has no end.
  left(seconds) {
    this.change((held) => {
      held.end = seconds === null ? null : Date.now() + 1000 * seconds;
    });
  }

  // For a copy: the map of the questions as the server has them.
  markOn(map) {
    const { slots, flags } = this.read();
    Object.keys(slots).forEach((slot) => {
      map.mark(slot, "answered", slots[slot].answered);
    });
    Object.keys(flags).forEach((slot) => {
      map.mark(slot, "flagged", flags[slot]);
    });
  }

  // For a copy: the seconds left now. Only the device's clock goes on while no page is open; the server decides.
  remaining() {
    const { end } = this.read();
    return end === null ? null : Math.max(0, (end - Date.now()) / 1000);
  }
}
