// What scrolls sideways can be reached with Tab, so that it scrolls by keyboard, too.
document.addEventListener("DOMContentLoaded", () => {
  const reachable = (box) => {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  };
  const watch = new ResizeObserver((changes) => changes.forEach((change) => reachable(change.target)));
  document.querySelectorAll("pre, .table-wrapper, .cell_output .text_html").forEach((box) => watch.observe(box));
});
