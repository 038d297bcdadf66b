// Follows a part of a page that moves: a request, a search, the children of a suite. Without script the page reloads itself instead.
(function () {
  const part = document.querySelector("[data-follow]");
  if (!part) return;
  const every = Number(part.dataset.every) * 1000;
  const lost = document.querySelector("[data-lost]");
  const alerts = document.querySelector("[data-alerts]");
  const title = document.title;
  const said = () => part.querySelector("[data-say]")?.dataset.say.trim() || "";
  let last = said();
  let sound = null;

  // What this terminal has chosen is kept on it, and nothing else is.
  const wants = (what) => alerts?.querySelector(`[data-alert=${what}]`).checked;
  for (const box of alerts?.querySelectorAll("[data-alert]") || []) {
    const key = "cf-" + box.dataset.alert;
    if (localStorage.getItem(key)) box.checked = localStorage.getItem(key) === "on";
    box.addEventListener("change", () => {
      localStorage.setItem(key, box.checked ? "on" : "off");
      if (box.dataset.alert === "sound" && box.checked) play();
      document.title = title;
    });
  }
  if (alerts) alerts.hidden = false;

  // Two short soft notes, made here: no file to load.
  function play() {
    sound = sound || new AudioContext();
    sound.resume().then(() => {
      [660, 880].forEach((pitch, at) => {
        const note = sound.createOscillator();
        const volume = sound.createGain();
        const begins = sound.currentTime + at * 0.2;
        note.frequency.value = pitch;
        volume.gain.setValueAtTime(0.08, begins);
        volume.gain.exponentialRampToValueAtTime(0.001, begins + 0.4);
        note.connect(volume).connect(sound.destination);
        note.start(begins);
        note.stop(begins + 0.4);
      });
    });
  }

  function speak() {
    const now = said();
    if (now === last) return;
    last = now;
    if (wants("title")) document.title = now ? `${now} - ${title}` : title;
    if (now && wants("sound")) play();
  }

  function show(text) {
    const next = document.createElement("div");
    next.innerHTML = text;
    // Replaced only when it says something new, since a screen reader hears every change.
    if (next.textContent === part.textContent) return;
    const focused = part.contains(document.activeElement) && document.activeElement;
    const again = focused && (focused.id ? `#${focused.id}` : focused.href && `a[href="${focused.getAttribute("href")}"]`);
    part.replaceChildren(...next.childNodes);
    // Who was on a button stays where the buttons are: an answer must show all the same.
    if (focused) ((again && part.querySelector(again)) || part.querySelector("a, button"))?.focus();
    speak();
  }

  async function look() {
    try {
      const response = await fetch(part.dataset.follow, { credentials: "same-origin", redirect: "error" });
      if (response.ok) show(await response.text());
      if (lost) lost.hidden = true;
    } catch (error) {
      // The line is down, or the session is over. What is on the page stays, and says since when it is old.
      if (lost?.hidden) {
        lost.querySelector("[data-lost-since]").textContent = new Date().toLocaleTimeString("en-GB", { timeStyle: "short" });
        lost.hidden = false;
      }
    }
    const state = part.querySelector("[data-state]");
    if (!state || state.dataset.state === "open") setTimeout(look, every);
  }

  setTimeout(look, every);
})();
