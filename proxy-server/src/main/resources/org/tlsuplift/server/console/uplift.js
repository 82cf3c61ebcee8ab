// Draws each figure's table as stacked bars. The table stays, for all who do not see bars.
(function () {
  'use strict';

  var style = function (name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  };

  var figures = function (figure) {
    var table = figure.querySelector('table');
    var headings = Array.from(table.querySelectorAll('thead th')).slice(1);
    var rows = Array.from(table.querySelectorAll('tbody tr'));
    return {
      labels: rows.map(function (row) { return row.cells[0].textContent; }),
      datasets: headings.map(function (heading, column) {
        return {
          label: heading.textContent,
          colour: heading.dataset.colour,
          data: rows.map(function (row) { return Number(row.cells[column + 1].textContent); }),
          maxBarThickness: 48
        };
      })
    };
  };

  // The label below a bar; empty if there is no place for it. A new day stands below its first time.
  var below = function (labels, index, width) {
    var parts = labels.map(function (label) { return label.match(/^(.*) (\d\d:\d\d)$/) || [label, '', label]; });
    var longest = Math.max.apply(null, parts.map(function (part) { return Math.max(part[1].length, part[2].length); }));
    var step = Math.ceil(labels.length * (7 * longest + 8) / width);
    if (index % step !== 0) {
      return '';
    }
    var day = parts[index][1];
    var same = index >= step && parts[index - step][1] === day;
    return day === '' || same ? parts[index][2] : [parts[index][2], day];
  };

  var paint = function (chart) {
    chart.data.datasets.forEach(function (dataset) {
      dataset.backgroundColor = style('--' + dataset.colour);
    });
    var ink = style('--pico-color');
    chart.options.plugins.legend.labels.color = ink;
    ['x', 'y'].forEach(function (axis) {
      chart.options.scales[axis].ticks.color = ink;
      chart.options.scales[axis].title.color = ink;
      chart.options.scales[axis].grid.color = style('--grid');
    });
  };

  var draw = function (figure) {
    var canvas = figure.querySelector('canvas');
    canvas.parentElement.hidden = false;
    figure.querySelector('details').open = false;
    var chart = new Chart(canvas, {
      type: 'bar',
      data: figures(figure),
      options: {
        animation: false,
        maintainAspectRatio: false,
        interaction: { mode: 'index', intersect: false },
        plugins: { legend: { position: 'top', align: 'start', labels: { boxWidth: 14 } } },
        scales: {
          x: {
            stacked: true,
            grid: { display: false },
            title: { display: true, text: figure.querySelector('thead th').textContent },
            ticks: {
              autoSkip: false,
              maxRotation: 0,
              callback: function (value) { return below(this.getLabels(), value, this.chart.width); }
            }
          },
          y: { stacked: true, beginAtZero: true, grid: {}, title: {}, ticks: { precision: 0 } }
        }
      }
    });
    paint(chart);
    chart.update();
    return chart;
  };

  // Moments in UTC become those of the reader's time zone, with UTC in their title.
  var zone = function (part) {
    var walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
    var texts = [];
    while (walker.nextNode()) {
      if (!walker.currentNode.parentElement.closest('time, code, pre, textarea, .manual')) {
        texts.push(walker.currentNode);
      }
    }
    texts.forEach(function (text) {
      var pieces = text.data.split(/\b(\d{4}-\d\d-\d\d \d\d:\d\d) UTC\b/);
      if (pieces.length > 1) {
        text.replaceWith.apply(text, pieces.map(function (piece, index) {
          var at = new Date(piece.replace(' ', 'T') + ':00Z');
          if (index % 2 === 0 || isNaN(at)) {
            return index % 2 === 0 ? piece : piece + ' UTC';
          }
          var time = document.createElement('time');
          time.dateTime = at.toISOString();
          time.title = piece + ' UTC';
          at.setTime(at.getTime() - at.getTimezoneOffset() * 60000);
          time.textContent = at.toISOString().slice(0, 16).replace('T', ' ');
          return time;
        }));
      }
    });
  };
  var here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  var footer = document.getElementById('zone');
  if (footer && here && here !== 'UTC') {
    zone(document.body);
    footer.textContent = 'times in ' + here + ', days and charts in UTC';
  }

  // Until the first device works, its steps are read again every few seconds, if nobody uses the page.
  var waiting = document.querySelector('[data-reload]');
  if (waiting) {
    setInterval(function () {
      if (!document.hidden && document.activeElement === document.body) {
        location.reload();
      }
    }, 1000 * waiting.dataset.reload);
  }

  // The steps of a check are read again until it has ended.
  var steps = document.querySelector('[data-poll]');
  var poll = function () {
    fetch(location.pathname + location.search).then(function (response) {
      return response.text();
    }).then(function (text) {
      var next = new DOMParser().parseFromString(text, 'text/html').getElementById(steps.id);
      if (here !== 'UTC') {
        zone(next);
      }
      if (next.textContent !== steps.textContent) {
        steps.replaceChildren.apply(steps, Array.from(next.childNodes));
      }
      if (next.hasAttribute('data-poll')) {
        setTimeout(poll, 1000);
      } else {
        steps.removeAttribute('data-poll');
      }
    }).catch(function () { setTimeout(poll, 5000); });
  };
  if (steps) {
    setTimeout(poll, 1000);
  }

  var charts = Array.from(document.querySelectorAll('figure.chart')).map(draw);
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', function () {
    charts.forEach(function (chart) { paint(chart); chart.update(); });
  });
})();
