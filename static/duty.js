// Beds by plus and minus, one sending for however many presses, and no old page after a night in a pocket.
(function () {
  const counts = document.getElementById("counts");
  const said = document.getElementById("said");
  let changed = false;

  function button(sign, words, by, free, steps) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "cf-count__step";
    made.textContent = sign;
    made.setAttribute("aria-label", words + " at " + steps.dataset.place);
    made.addEventListener("click", () => {
      const now = parseInt(free.value, 10) || 0;
      free.value = Math.min(Math.max(now + by, 0), steps.dataset.most);
      said.textContent = free.value + " free at " + steps.dataset.place;
      note();
    });
    return made;
  }

  // What has been changed is not saved yet: the button for it stays in reach, and "all unchanged" would be wrong.
  function note() {
    const rows = [...counts.querySelectorAll(".cf-count__steps")];
    changed = rows.some((steps) => steps.querySelector("input").value !== steps.dataset.saved);
    counts.classList.toggle("cf-counts--changed", changed);
    document.getElementById("same").classList.toggle("cf-same--wrong", changed);
  }

  if (counts) {
    for (const steps of counts.querySelectorAll(".cf-count__steps")) {
      const free = steps.querySelector("input");
      steps.prepend(button("\u2212", "One fewer", -1, free, steps));
      steps.append(button("+", "One more", 1, free, steps));
      free.addEventListener("input", note);
    }
    note();
  }

  // On a slow line nothing seems to happen, and a thumb presses again.
  for (const form of document.querySelectorAll("form[method=post]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) return event.preventDefault();
      form.dataset.sent = "1";
      event.submitter?.classList.add("cf-sending");
      setTimeout(() => again(form), 10000); // the line broke: let them press again
    });
  }

  function again(form) {
    delete form.dataset.sent;
    form.querySelector(".cf-sending")?.classList.remove("cf-sending");
  }

  let hiddenAt = 0;
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) hiddenAt = Date.now();
    else if (counts && !changed && Date.now() - hiddenAt > 30000) location.reload();
  });
  window.addEventListener("pageshow", (event) => event.persisted && document.querySelectorAll("form").forEach(again));
})();
