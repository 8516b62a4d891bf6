// Runs before the first paint, so that a page chosen dark never flashes white; the page itself, a
// dozen modules, comes after it, so that nothing delays that paint.
(function () {
  let chosen = null;
  try {
    chosen = JSON.parse(localStorage.getItem('easel.theme'));
  } catch {
    // Storage may be forbidden: the system's choice stands.
  }
  if (chosen === 'dark' || chosen === 'light') document.documentElement.dataset.theme = chosen;

  const start = () => import('/js/app.js');
  // A tab in the background paints no frame.
  if (document.hidden) start();
  else requestAnimationFrame(() => setTimeout(start));
})();
