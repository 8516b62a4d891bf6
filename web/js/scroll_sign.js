// Marks what scrolls sideways with where more of it lies, for the style sheet to show.

/** Keeps data-more of `element` as it is scrolled, resized and filled: '', 'left', 'right' or both. */
export function signScrolling(element) {
  const show = () => {
    const { scrollLeft, clientWidth, scrollWidth } = element;
    const more = [scrollLeft > 1 && 'left', scrollLeft + clientWidth < scrollWidth - 1 && 'right'];
    element.dataset.more = more.filter(Boolean).join(' ');
  };
  element.addEventListener('scroll', show, { passive: true });
  new ResizeObserver(show).observe(element);
  new MutationObserver(show).observe(element, { childList: true });
}
