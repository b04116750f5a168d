// Draws each chart of the page. Vega interprets its expressions (ast), so that the policy can forbid eval; it adds no styles.
"use strict";
function drawCharts(root) {
  if (!window.vegaEmbed) return;
  for (const place of root.querySelectorAll("[data-spec]")) {
    const spec = JSON.parse(place.dataset.spec);
    if (place.clientWidth < 480) spec.config.legend = { ...spec.config.legend, columns: 1 };
    const german = document.documentElement.lang === "de";
    spec.autosize = { type: "fit-x", contains: "padding" };
    const options = { actions: false, ast: true, renderer: "svg", defaultStyle: false, tooltip: { disableDefaultStyle: true } };
    if (german) options.formatLocale = { decimal: ",", thousands: ".", grouping: [3], currency: ["", ""], percent: "\u202f%" };
    vegaEmbed(place, spec, options).then(() => place.classList.add("drawn"), (error) => {
      console.error(error);
      place.closest("figure").classList.add("undrawn");
    });
  }
}
document.addEventListener("DOMContentLoaded", () => drawCharts(document));
document.addEventListener("htmx:afterSwap", (event) => drawCharts(event.target));
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});
