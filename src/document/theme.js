// The button for dark and light. What is chosen is remembered for all pages of the place, where the
// browser keeps anything; else the page follows the system.
(() => {
  "use strict";
  const KEY = "backstep-theme";
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
  const name = () => {
    button.textContent = isDark() ? "Light" : "Dark";
    button.title = `Show the page in ${isDark() ? "light" : "dark"} colours`;
  };
  const take = (theme) => {
    if (theme === "dark" || theme === "light") root.dataset.theme = theme;
    name();
  };
  const kept = () => {
    try {
      return window.localStorage.getItem(KEY);
    } catch {
      return null;
    }
  };
  take(kept());
  button.hidden = false;
  button.addEventListener("click", () => {
    take(isDark() ? "light" : "dark");
    try {
      window.localStorage.setItem(KEY, root.dataset.theme);
    } catch {
      // It is not remembered, and holds for this page.
    }
  });
  dark.addEventListener("change", name);
  // Another page of the place was switched over.
  window.addEventListener("storage", (event) => {
    if (event.key === KEY) take(event.newValue);
  });
})();
