// Recipients as chips: each is read by the server as it is made, and extensions are found by name. Without it the field
// is a line of text, which is what is sent either way.

import { whenReleased } from "./press.js";

const SEPARATORS = /[,;\n]/;
const PAUSE = 180; // milliseconds without a key, then the server is asked

class Recipients {
  constructor(field) {
    this.field = field;
    this.form = field.closest("form");
    this.box = field.querySelector("[data-chips-box]");
    this.input = this.box.querySelector("input");
    this.errors = field.querySelector(".refusals");
    this.asked = 0;
    this.timer = 0;
    this.build();
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.pressed(event));
    this.input.addEventListener("blur", (event) => this.left(event));
    this.box.addEventListener("click", (event) => event.target === this.box && this.input.focus());
    if (this.input.value.trim()) this.make(this.input.value);
  }

  build() {
    this.box.classList.add("scripted");
    this.chips = document.createElement("ul");
    this.chips.className = "chips";
    this.chips.setAttribute("aria-label", "Recipients");
    this.chips.hidden = true;
    this.choices = document.createElement("ul");
    this.choices.className = "whom";
    this.choices.id = "recipients-choices";
    this.choices.setAttribute("role", "listbox");
    this.choices.setAttribute("aria-label", "Whom you may mean");
    this.choices.hidden = true;
    this.said = document.createElement("p");
    this.said.className = "unheard";
    this.said.setAttribute("role", "status");
    this.box.prepend(this.chips);
    this.box.append(this.choices);
    this.field.append(this.said);
    for (const [name, value] of Object.entries({
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": this.choices.id,
    })) {
      this.input.setAttribute(name, value);
    }
    // A press on a choice must not leave the field: that would make a chip of what is half typed.
    this.choices.addEventListener("pointerdown", (event) => event.preventDefault());
    this.choices.addEventListener("mousedown", (event) => event.preventDefault());
    this.choices.addEventListener("click", (event) => this.choose(event.target.closest("[role=option]")));
  }

  typed() {
    if (SEPARATORS.test(this.input.value)) {
      const parts = this.input.value.split(SEPARATORS);
      const last = parts.pop();
      this.input.value = "";
      this.make(parts.join(","));
      this.input.value = last.trimStart();
    }
    clearTimeout(this.timer);
    this.unwanted = "";
    if (this.input.value.trim()) this.timer = setTimeout(() => this.ask(), PAUSE);
    else this.close();
  }

  pressed(event) {
    const open = !this.choices.hidden;
    const typed = this.input.value.trim();
    if (event.isComposing) return;
    if (event.key === "Enter" && (typed || this.active)) {
      event.preventDefault();
      if (this.active) this.choose(this.active);
      else this.make(this.input.value);
    } else if (event.key === "Backspace" && !this.input.value && this.chips.lastElementChild) {
      this.remove(this.chips.lastElementChild);
    } else if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      this.move(event.key === "ArrowDown" ? 1 : -1);
    } else if (open && event.key === "Escape") {
      event.stopPropagation();
      this.unwanted = typed;
      this.close();
    }
  }

  // On the way to a button the text stays as it is: a chip would move the button away under the pointer.
  left(event) {
    clearTimeout(this.timer);
    const chosen = this.active;
    this.close();
    if (event.relatedTarget?.closest("button, a, summary") && this.form.contains(event.relatedTarget)) return;
    if (chosen) this.choose(chosen);
    else if (this.input.value.trim()) this.make(this.input.value);
  }

  make(text) {
    const parts = text.split(SEPARATORS).map((part) => part.trim());
    for (const part of parts.filter(Boolean)) this.chips.append(this.chip(part));
    this.input.value = "";
    this.close();
    this.show();
    this.ask();
  }

  chip(given) {
    const chip = this.field.querySelector("template[data-chip]").content.firstElementChild.cloneNode(true);
    chip.querySelector("input").value = given;
    this.label(chip, given);
    chip.querySelector("button").addEventListener("click", () => {
      this.remove(chip);
      this.input.focus();
    });
    return chip;
  }

  label(chip, words) {
    chip.querySelector(".chip-words").textContent = words;
    chip.querySelector(".unheard").textContent = `Remove ${words}`;
  }

  remove(chip) {
    this.said.textContent = `${chip.querySelector(".chip-words").textContent} removed`;
    chip.remove();
    this.show();
    this.ask();
  }

  show() {
    this.chips.hidden = !this.chips.children.length;
    this.input.placeholder = this.chips.children.length ? "" : "+1 202 555 0100, 211";
  }

  // Chips and what is being typed are judged together: only so are repeated and too many ones found.
  async ask() {
    const number = ++this.asked;
    const chips = [...this.chips.children];
    const typed = this.input.value.trim();
    const body = new FormData();
    body.append("csrfmiddlewaretoken", this.form.elements.csrfmiddlewaretoken.value);
    for (const chip of chips) body.append("recipient", chip.querySelector("input").value);
    body.append("typed", typed);
    if (!chips.length && !typed) return this.judge([], [], "");
    let answer;
    try {
      const response = await fetch(this.field.dataset.checkAt, { method: "POST", body, redirect: "error" });
      if (!response.ok) return;
      answer = await response.json();
    } catch {
      return; // What cannot be checked now is checked when the form is handed in.
    }
    whenReleased(() => {
      if (number !== this.asked) return;
      this.judge(chips, answer.recipients, answer.wrong);
      const wanted = typed && typed === this.input.value.trim() && typed !== this.unwanted;
      if (wanted && document.activeElement === this.input) this.offer(answer);
    });
  }

  judge(chips, reads, wrong) {
    const trouble = wrong ? [wrong] : [];
    chips.forEach((chip, place) => {
      const read = reads[place];
      if (!read) return;
      chip.classList.toggle("wrong", Boolean(read.wrong));
      this.label(chip, read.shown ?? read.given);
      if (read.wrong) trouble.push(`${read.wrong} ${read.remedy}`);
    });
    const template = this.field.querySelector("template[data-trouble]").content.firstElementChild;
    this.errors.replaceChildren(
      ...trouble.map((words) => {
        const line = template.cloneNode(true);
        line.querySelector("span").textContent = words;
        return line;
      }),
    );
    this.field.classList.toggle("wrong", trouble.length > 0);
    if (trouble.length) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
  }

  offer({ typed, suggestions }) {
    const offers = suggestions.map(({ number, name }) => ({ value: number, words: `${number} ${name}` }));
    if (typed?.shown && !offers.some((one) => one.words === typed.shown)) {
      offers.unshift({ value: this.input.value.trim(), words: typed.shown });
    }
    const chosen = this.active?.dataset.value;
    this.choices.replaceChildren(
      ...offers.map(({ value, words }, place) => {
        const option = document.createElement("li");
        option.id = `recipients-choice-${place}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.value = value;
        option.textContent = words;
        return option;
      }),
    );
    if (!offers.length) return this.close();
    this.choices.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    const kept = [...this.choices.children].find((one) => one.dataset.value === chosen);
    if (kept) this.activate(kept);
    else this.deactivate();
    this.said.textContent = offers.length === 1 ? "1 choice" : `${offers.length} choices`;
  }

  move(step) {
    const options = [...this.choices.children];
    const place = (options.indexOf(this.active) + step + options.length + (this.active || step > 0 ? 0 : 1)) % options.length;
    this.active?.setAttribute("aria-selected", "false");
    this.activate(options[place]);
  }

  activate(option) {
    this.active = option;
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", option.id);
  }

  deactivate() {
    this.active = null;
    this.input.removeAttribute("aria-activedescendant");
  }

  choose(option) {
    if (option) this.make(option.dataset.value);
  }

  close() {
    this.deactivate();
    this.choices.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
  }
}

const enhance = (root) => {
  for (const field of root.querySelectorAll?.("[data-recipients]") ?? []) {
    if (field.enhanced) continue;
    field.enhanced = true;
    new Recipients(field);
  }
};
enhance(document);
document.addEventListener("htmx:load", (event) => enhance(event.detail.elt));
