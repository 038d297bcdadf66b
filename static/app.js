// Follows an open request, or a search, without reloading the page. Without script the page reloads itself instead.
(function () {
  const part = document.querySelector("[data-follow]");
  if (!part) return;
  const address = part.dataset.follow;

  async function look() {
    try {
      const response = await fetch(address, { credentials: "same-origin", redirect: "error" });
      if (response.ok) {
        const next = document.createElement("div");
        next.innerHTML = await response.text();
        // Replaced only when it says something new, since a screen reader hears every change.
        if (next.textContent !== part.textContent) {
          const focused = part.contains(document.activeElement);
          part.replaceChildren(...next.childNodes);
          // Who was on a button stays where the buttons are: an answer must show all the same.
          if (focused) part.querySelector("a, button")?.focus();
          const answer = part.querySelector(".cf-answer h2");
          if (answer) document.title = answer.textContent + " - custodyfinder";
        }
        const state = part.querySelector("[data-state]");
        if (state && state.dataset.state !== "open") return;
      }
    } catch (error) {
      // The line is down for a moment: the next look will tell. What is on the page stays.
    }
    setTimeout(look, 2000);
  }

  setTimeout(look, 2000);
})();
