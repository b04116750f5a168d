// Gives a number field a slider beside it; the field itself stays, and is all there is without JavaScript.
"use strict";
function addSlider(field) {
  const slider = document.createElement("input");
  slider.type = "range";
  slider.min = field.min || 1;
  slider.max = field.dataset.slider;
  slider.value = field.value;
  slider.setAttribute("aria-label", field.labels[0].textContent);
  slider.addEventListener("input", () => { field.value = slider.value; });
  slider.addEventListener("change", () => field.form.requestSubmit());
  field.addEventListener("input", () => { slider.value = field.value; });
  field.after(slider);
}
document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-slider]").forEach(addSlider));
