//! The figures of the publication: what they name is there.

use std::collections::BTreeSet;

use survey::Line;

use super::Checker;
use crate::mistake::did_you_mean;
use crate::monitor::Monitor;
use crate::publication::{Figure, Form};

const FILE: &str = "figures.toml";

impl<'a> Checker<'a> {
    pub(super) fn publication(&mut self) {
        let configuration = self.configuration;
        self.panel_order();
        if configuration.figures.is_empty() {
            return;
        }
        let mut names: BTreeSet<&str> = BTreeSet::new();
        for figure in &configuration.figures {
            if !names.insert(&figure.figure) {
                self.not_right(figure, "it stands there more than once");
            }
            self.figure(figure);
        }
        for indicator in &configuration.indicators {
            for figure in indicator.figures.iter().filter(|name| !names.contains(name.as_str())) {
                let hint = did_you_mean(figure, names.iter().copied());
                let message = format!("there is no figure `{figure}` in {FILE}");
                self.add("indicators.csv", indicator.line, message).hint = Some(hint);
            }
        }
    }

    fn not_right(&mut self, figure: &Figure, message: &str) -> &mut crate::Mistake {
        self.add(FILE, Line::NONE, format!("figure `{}`: {message}", figure.figure))
    }

    fn figure(&mut self, figure: &'a Figure) {
        let configuration = self.configuration;
        let indicators = || {
            let named = configuration.indicators.iter();
            named.filter(|one| figure.every_indicator || one.figures.contains(&figure.figure))
        };
        if indicators().next().is_none() {
            self.not_right(figure, "no indicator of indicators.csv names it");
        }
        if figure.panels.is_empty() {
            self.not_right(figure, "it has no panels");
        }
        if !self.unread.monitor {
            self.named_in_monitor(figure);
        }
        let breakdowns = configuration.breakdowns.iter();
        let mut known: Vec<String> = breakdowns.map(|one| one.breakdown.clone()).collect();
        known.push("total".to_owned());
        for breakdown in &figure.breakdowns {
            self.named(figure, "breakdown", breakdown, &known);
        }
        if figure.form == Form::Dumbbell && figure.gap.is_none() {
            self.not_right(figure, "a dumbbell has no `gap`");
        }
        let own: Vec<String> = indicators().map(|one| one.indicator.clone()).collect();
        for indicator in figure.groups.iter().flat_map(|group| &group.indicators) {
            self.named(figure, "indicator of the figure", indicator, &own);
        }
    }

    /// Totals and gaps stand in monitor.toml.
    fn named_in_monitor(&mut self, figure: &Figure) {
        let panels = self.panels_and_totals();
        for panel in figure.panels.iter().chain(&figure.reference) {
            self.named(figure, "panel or total", panel, &panels);
        }
        let gaps = &self.configuration.monitor.gaps;
        let gaps: Vec<String> = gaps.iter().map(|gap| gap.name.clone()).collect();
        if let Some(gap) = &figure.gap {
            self.named(figure, "gap", gap, &gaps);
        }
    }

    fn named(&mut self, figure: &Figure, what: &str, name: &str, known: &[String]) {
        if !known.iter().any(|one| one == name) {
            let hint = did_you_mean(name, known.iter().map(String::as_str));
            self.not_right(figure, &format!("there is no {what} `{name}`")).hint = Some(hint);
        }
    }

    fn panels_and_totals(&self) -> Vec<String> {
        let groups = self.configuration.monitor.groups.keys();
        let totals = groups.flat_map(|group| Monitor::totals(group));
        self.configuration
            .panels
            .keys()
            .cloned()
            .chain(self.unread.panels.clone())
            .chain(totals)
            .collect()
    }

    fn panel_order(&mut self) {
        let monitor = &self.configuration.monitor;
        let known = self.panels_and_totals();
        let fieldwork = monitor.fieldwork.iter().filter_map(|entry| entry.panel.as_ref());
        let places = monitor.panel_order.iter().map(|panel| ("panel_order", panel));
        for (setting, panel) in places.chain(fieldwork.map(|panel| ("fieldwork", panel))) {
            if !known.contains(panel) {
                let hint = did_you_mean(panel, known.iter().map(String::as_str));
                let message = format!("`{setting}`: there is no panel `{panel}`");
                self.add("monitor.toml", Line::NONE, message).hint = Some(hint);
            }
        }
        for entry in &monitor.fieldwork {
            if entry.end < entry.start {
                let message =
                    format!("`fieldwork` of {}: from {} to {}", entry.wave, entry.start, entry.end);
                self.add("monitor.toml", Line::NONE, message).expected =
                    Some("the first day before the last one".to_owned());
            }
        }
    }
}
