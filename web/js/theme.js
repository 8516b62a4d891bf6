// Runs before the first paint, so that a page chosen dark never flashes white.
(function () {
  let chosen = null;
  try {
    chosen = JSON.parse(localStorage.getItem('easel.theme'));
  } catch {
    // Storage may be forbidden: the system's choice stands.
  }
  if (chosen === 'dark' || chosen === 'light') document.documentElement.dataset.theme = chosen;
})();
