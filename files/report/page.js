/* Copyright: Contributors to the academy.video_scaling collection
   GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
   SPDX-License-Identifier: GPL-3.0-or-later */
(function () {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");

  const PAPER_WIDTH = 680; // CSS pixels that a sheet of A4 or Letter has room for
  const STATES = ["OK", "ALARM", "no data"];
  const LETTERS = { alarm: "A", capacity: "C", failure: "F", configuration: "S", missing: "M" };
  const LINES = [
    { key: "depth", words: "depth", colour: "--depth", area: "--depth-area", width: 2 },
    { key: "published", words: "metric", colour: "--published", width: 1.5, dash: [2, 3] },
    { key: "in_service", words: "in service", colour: "--in-service", width: 2, stepped: true },
    { key: "desired", words: "desired", colour: "--desired", width: 1.5, dash: [6, 4], stepped: true },
    { key: "max", words: "maximum", colour: "--most", width: 1, dash: [2, 6], beside: true },
  ];
  const drawn = new Map();

  function colour(name) {
    return getComputedStyle(root).getPropertyValue(name).trim();
  }

  function clock(seconds) {
    return new Date(seconds * 1000).toISOString().slice(11, 16);
  }

  function day(seconds) {
    return new Date(seconds * 1000).toISOString().slice(5, 10);
  }

  /* --- charts: drawn when they come into sight --- */

  function read(figure) {
    const chart = JSON.parse(figure.querySelector("script").textContent);
    chart.times = Array.from({ length: chart.points }, (unused, number) => chart.start + number * chart.step);
    const gaps = Array(chart.points).fill(null);
    chart.lines = LINES.map((line) =>
      line.beside ? gaps.map(() => chart[line.key]) : chart[line.key] || gaps
    );
    return chart;
  }

  /* A value between two gaps is no line: it is shown as a point. */
  function lone(plot, series) {
    const values = plot.data[series];
    return values.reduce((found, value, at) => {
      if (value != null && values[at - 1] == null && values[at + 1] == null) found.push(at);
      return found;
    }, []);
  }

  function seriesOf(line) {
    const made = {
      label: line.words,
      stroke: colour(line.colour),
      width: line.width,
      dash: line.dash,
      auto: !line.beside,
      points: { show: !line.beside, filter: lone, size: 6, fill: colour(line.colour) },
    };
    if (line.area) made.fill = colour(line.area);
    if (line.stepped) made.paths = uPlot.paths.stepped({ align: 1 });
    return made;
  }

  function span(plot, from, to) {
    const { left, width } = plot.bbox;
    const begin = Math.max(left, plot.valToPos(from, "x", true));
    const end = Math.min(left + width, plot.valToPos(to, "x", true));
    return [begin, Math.max(0, end - begin)];
  }

  function drawHeld(plot, chart) {
    for (const [from, to, direction] of chart.held) {
      const [begin, width] = span(plot, from, to);
      plot.ctx.fillStyle = colour(direction === "out" ? "--out" : "--in");
      plot.ctx.fillRect(begin, plot.bbox.top, width, plot.bbox.height);
    }
  }

  function drawAlarms(plot, chart) {
    const height = 5 * uPlot.pxRatio;
    const rows = { alarm_high: plot.bbox.top, alarm_low: plot.bbox.top + plot.bbox.height - height };
    for (const [name, top] of Object.entries(rows)) {
      const states = chart[name] || [];
      for (let at = 0, next; at < states.length; at = next) {
        for (next = at + 1; states[next] === states[at] && next < states.length; ) next += 1;
        if (!states[at]) continue;
        const [begin, width] = span(plot, chart.times[at], chart.times[at] + (next - at) * chart.step);
        plot.ctx.fillStyle = colour(states[at] === 1 ? "--high" : "--blind");
        plot.ctx.fillRect(begin, top, width, height);
      }
    }
  }

  function drawEvents(plot, chart) {
    const { ctx, bbox } = plot;
    const pixel = uPlot.pxRatio;
    let free = -Infinity;
    ctx.font = `600 ${11 * pixel}px ${getComputedStyle(document.body).fontFamily}`;
    ctx.textAlign = "center";
    for (const [at, kind] of chart.events) {
      const letter = LETTERS[kind];
      const x = plot.valToPos(at, "x", true);
      if (!letter || x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.fillStyle = colour(kind === "failure" ? "--fail" : "--quiet");
      ctx.fillRect(Math.round(x), bbox.top, pixel, bbox.height);
      if (x - free > 10 * pixel) {
        ctx.fillText(letter, x, bbox.top - 4 * pixel);
        free = x;
      }
    }
  }

  function readOut(plot, chart, line) {
    const at = plot.cursor.idx;
    if (at == null) return;
    const begin = chart.times[at];
    const parts = [`${begin - chart.times[0] >= 86400 ? `${day(begin)} ` : ""}${clock(begin)} UTC`];
    LINES.forEach(({ words }, number) => {
      const value = chart.lines[number][at];
      if (value != null) parts.push(`${words} ${value}`);
    });
    if (chart.compared && chart.compared[at] != null) parts.push(`the policy compares ${chart.compared[at]}`);
    for (const [name, words] of [["alarm_high", "AlarmHigh"], ["alarm_low", "AlarmLow"]]) {
      const state = chart[name] && chart[name][at];
      if (state != null) parts.push(`${words} ${STATES[state]}`);
    }
    chart.held.filter(([from, to]) => from <= begin && begin < to).forEach((one) => parts.push(one[3]));
    chart.events
      .filter(([time]) => begin <= time && time < begin + chart.step)
      .forEach(([time, kind, words]) => parts.push(`${clock(time)} ${words}`));
    line.textContent = parts.join(" · ");
  }

  function draw(figure) {
    if (typeof uPlot !== "function") return;
    const place = figure.querySelector(".plot");
    const line = figure.querySelector(".readout");
    const chart = drawn.has(figure) ? drawn.get(figure).chart : read(figure);
    if (drawn.has(figure)) drawn.get(figure).plot.destroy();
    else place.before(document.getElementById("legend").content.cloneNode(true));
    const width = root.classList.contains("printing") ? PAPER_WIDTH : place.clientWidth;
    const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--grid"), width: 1 }, ticks: { show: false } };
    const long = chart.points * chart.step > 86400;
    const plot = new uPlot(
      {
        width,
        height: width < 600 ? 220 : 280,
        legend: { show: false },
        padding: [18, 22, 0, 0],
        cursor: { y: false, points: { size: 7 }, drag: { x: true, y: false } },
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
        scales: { y: { range: (unused, low, high) => [0, Math.max(1, high || 0) * 1.1] } },
        axes: [
          {
            ...axis,
            space: 60,
            values: (unused, marks) => marks.map((mark) => (long && mark % 86400 === 0 ? day(mark) : clock(mark))),
          },
          { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6] },
        ],
        series: [{}, ...LINES.map(seriesOf)],
        hooks: {
          drawClear: [(made) => drawHeld(made, chart)],
          draw: [(made) => drawAlarms(made, chart), (made) => drawEvents(made, chart)],
          setCursor: [(made) => readOut(made, chart, line)],
        },
      },
      [chart.times, ...chart.lines],
      place
    );
    drawn.set(figure, { plot, chart, width });
  }

  function redraw() {
    drawn.forEach((unused, figure) => draw(figure));
  }

  function step(event) {
    const figure = event.currentTarget.closest("figure");
    const move = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (!move || !drawn.has(figure)) return;
    event.preventDefault();
    const { plot, chart } = drawn.get(figure);
    const last = chart.points - 1;
    const from = plot.cursor.idx == null ? last : plot.cursor.idx;
    const at = Math.min(last, Math.max(0, from + move));
    plot.setCursor({ left: plot.valToPos(chart.times[at], "x"), top: plot.over.clientHeight / 2 });
  }

  const figures = [...document.querySelectorAll("figure.chart")];
  if (typeof IntersectionObserver === "function") {
    const sight = new IntersectionObserver(
      (seen) => seen.filter((one) => one.isIntersecting && !drawn.has(one.target)).forEach((one) => draw(one.target)),
      { rootMargin: "200px" }
    );
    figures.forEach((figure) => sight.observe(figure));
  } else {
    figures.forEach(draw);
  }
  if (typeof ResizeObserver === "function") {
    const size = new ResizeObserver((seen) =>
      seen.forEach(({ target }) => {
        const figure = target.closest("figure");
        const known = drawn.get(figure);
        if (known && target.clientWidth && target.clientWidth !== known.width && !root.classList.contains("printing")) draw(figure);
      })
    );
    figures.forEach((figure) => size.observe(figure.querySelector(".plot")));
  }
  figures.forEach((figure) => figure.querySelector(".plot").addEventListener("keydown", step));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  addEventListener("beforeprint", () => {
    root.classList.add("printing");
    figures.filter((figure) => figure.closest("details").open).forEach(draw);
  });
  addEventListener("afterprint", () => {
    root.classList.remove("printing");
    redraw();
  });

  /* --- a link into a folded pool unfolds it --- */

  function unfold() {
    let target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let around = target; around; around = around.parentElement) {
      if (around.tagName === "DETAILS") around.open = true;
    }
    target.scrollIntoView();
  }
  addEventListener("hashchange", unfold);
  if (location.hash) unfold();

  /* --- copying --- */

  function select(code) {
    const range = document.createRange();
    range.selectNodeContents(code);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  }

  async function copy(event) {
    const button = event.currentTarget;
    const code = button.parentElement.querySelector("code");
    let done = true;
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch (refused) {
      // A page opened from a file may not write to the clipboard: then the older way, and at last the person's own keys.
      select(code);
      done = document.execCommand("copy");
    }
    button.textContent = done ? "Copied" : "Press Ctrl+C";
    setTimeout(() => (button.textContent = "Copy"), 2500);
  }
  document.querySelectorAll("button.copy").forEach((button) => button.addEventListener("click", copy));

  /* --- finding a pool among many --- */

  const find = document.getElementById("find");
  if (find) {
    const only = document.getElementById("only");
    const rows = [...document.querySelectorAll(".overview tbody tr")];
    const sift = () => {
      const wanted = find.value.trim().toLowerCase();
      rows.forEach((row) => {
        const fits = row.textContent.toLowerCase().includes(wanted);
        row.hidden = !fits || (only.checked && row.dataset.healthy === "yes");
      });
      document.getElementById("found").textContent = `${rows.filter((row) => !row.hidden).length} shown`;
    };
    find.addEventListener("input", sift);
    only.addEventListener("change", sift);
    find.form.addEventListener("submit", (event) => event.preventDefault());
  }
})();
