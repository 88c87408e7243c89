// Makes pages quicker to use; every page works without it.
"use strict";

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  window.setTimeout(() => { delete form.dataset.sent; }, 5000);
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
});

// A dropdown closes when something else is pressed, and on Escape.
document.addEventListener("click", (event) => {
  document.querySelectorAll("details[data-closes][open]").forEach((one) => {
    if (!one.contains(event.target)) one.open = false;
  });
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll("details[data-closes][open]").forEach((one) => {
    one.open = false;
    one.querySelector("summary").focus();
  });
});

// A link to a part of the page that is folded opens it.
const unfold = () => {
  const goal = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!goal) return;
  const folded = goal.closest("details:not([open])");
  if (folded) folded.open = true;
  goal.scrollIntoView();
  if (goal.matches("input, select, textarea")) goal.focus();
};
window.addEventListener("hashchange", unfold);

document.addEventListener("DOMContentLoaded", () => {
  unfold();
  const first = document.querySelector("[data-focus]");
  if (first) first.focus();

  // How many rows are ticked.
  document.querySelectorAll("[data-counts]").forEach((line) => {
    const boxes = [...document.querySelectorAll(`input[name="${line.dataset.counts}"]`)];
    const tell = () => {
      const many = boxes.filter((box) => box.checked).length;
      line.textContent = many === 1 ? "1 bruger valgt" : `${many} brugere valgt`;
      line.hidden = many === 0;
    };
    boxes.forEach((box) => box.addEventListener("change", tell));
    tell();
  });

  // Tick or untick all.
  document.querySelectorAll("[data-ticks]").forEach((all) => {
    all.hidden = false;
    all.addEventListener("click", () => {
      const boxes = [...document.querySelectorAll(`input[name="${all.dataset.ticks}"]:not(:disabled)`)];
      const on = boxes.some((box) => !box.checked);
      boxes.forEach((box) => { box.checked = on; box.dispatchEvent(new Event("change")); });
    });
  });

  // Copy what stands elsewhere on the page.
  document.querySelectorAll("[data-copies]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent.trim());
      button.textContent = "Kopieret";
    });
  });

  // What a form that is being filled in would come to, in words.
  document.querySelectorAll("form[data-says]").forEach((form) => {
    form.addEventListener("change", async () => {
      const said = new FormData(form);
      const answer = await fetch(form.dataset.says, { method: "POST", body: new URLSearchParams(said) });
      if (answer.ok) document.getElementById(form.dataset.saysIn).innerHTML = await answer.text();
    });
  });

  // What a part of the page says now, asked for again and again.
  document.querySelectorAll("[data-follows]").forEach((part) => {
    const voice = document.getElementById(part.dataset.voice);
    const ask = async () => {
      try {
        const answer = await fetch(part.dataset.follows, { headers: { accept: "text/html" } });
        if (answer.redirected) { location.assign(answer.url); return; }
        if (answer.ok) part.innerHTML = await answer.text();
        const said = part.querySelector("[data-said]");
        if (voice && said && voice.textContent !== said.dataset.said) voice.textContent = said.dataset.said;
      } catch { /* The server is on its way back, perhaps. */ }
      window.setTimeout(ask, 1000);
    };
    window.setTimeout(ask, 1000);
  });
});
