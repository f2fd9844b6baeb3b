// Nothing moves away under a finger: between a press and its click the page keeps still, or the click would be lost.

let pressed = false;
const waiting = [];

export const whenReleased = (act) => (pressed ? waiting.push(act) : act());
export const isPressed = () => pressed;

// The click comes after the release, in the same turn: what waited goes in the next one.
const released = () =>
  setTimeout(() => {
    pressed = false;
    for (const act of waiting.splice(0)) act();
  });

// Of the other buttons the end may never be told: a menu of the browser takes it.
document.addEventListener("pointerdown", (event) => (pressed = event.button === 0), true);
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, released, true);
addEventListener("blur", released);
