//! A release in one language: labels, and figures as they are written.

use crate::Texts;
use crate::release::Release;
use crate::release::fact::{Call, Estimate, Key};
use crate::words::Words;

#[derive(Clone, Copy)]
pub struct View<'a> {
    pub release: &'a Release,
    pub words: &'a Words,
}

impl<'a> View<'a> {
    /// A text in this language, or in the first that there is, or a name.
    pub fn text(&self, texts: &'a Texts, name: &'a str) -> &'a str {
        let own = texts.get(&self.words.language);
        own.or_else(|| texts.values().next()).map_or(name, String::as_str)
    }

    pub fn indicator(&self, place: usize) -> &'a str {
        let one = &self.release.dimensions.indicators[place];
        self.text(&one.labels, &one.key)
    }

    pub fn panel(&self, place: usize) -> &'a str {
        let one = &self.release.dimensions.panels[place];
        self.text(&one.labels, &one.key)
    }

    pub fn population(&self, place: usize) -> &'a str {
        self.text(&self.release.dimensions.panels[place].population, "")
    }

    pub fn wave(&self, place: usize) -> &'a str {
        &self.release.dimensions.waves[place].label
    }

    pub fn level(&self, place: usize) -> &'a str {
        let one = &self.release.dimensions.levels[place];
        if one.is_total() && one.labels.is_empty() {
            return self.words.say("total");
        }
        self.text(&one.labels, &one.level)
    }

    pub fn breakdown(&self, place: usize) -> &'a str {
        let one = &self.release.dimensions.levels[place];
        if one.is_total() && one.breakdown_labels.is_empty() {
            return self.words.say("total");
        }
        self.text(&one.breakdown_labels, &one.breakdown)
    }

    pub fn status(&self, place: usize) -> &'a str {
        let one = &self.release.dimensions.statuses[place];
        self.text(&one.labels, &one.status)
    }

    pub fn monitor(&self) -> String {
        let manifest = &self.release.manifest;
        let own =
            manifest.label.get(&self.words.language).or_else(|| manifest.label.values().next());
        own.cloned().unwrap_or_else(|| {
            let text = manifest.monitor.replace(['_', '-'], " ");
            let mut letters = text.chars();
            letters
                .next()
                .map(|first| first.to_uppercase().chain(letters).collect())
                .unwrap_or(text)
        })
    }

    pub fn notice(&self) -> &'a str {
        self.text(&self.release.manifest.notice, "")
    }

    /// A figure of an indicator with its unit.
    pub fn figure(&self, indicator: usize, value: f64) -> String {
        let one = &self.release.dimensions.indicators[indicator];
        self.words.figure(value, one.decimals, &one.unit)
    }

    /// `+7`, in points.
    pub fn difference(&self, indicator: usize, value: f64) -> String {
        self.words.signed(value, self.release.dimensions.indicators[indicator].decimals)
    }

    pub fn points(&self, indicator: usize) -> &'a str {
        let is_percent = self.release.dimensions.indicators[indicator].unit == "percent";
        self.words.say(if is_percent { "unit.percentage_points" } else { "unit.points" })
    }

    pub fn interval(&self, estimate: &Estimate) -> Option<String> {
        let (low, high) = (estimate.low?, estimate.high?);
        let indicator = &self.release.dimensions.indicators[estimate.key.indicator];
        let number = |value| self.words.number(value, indicator.decimals);
        Some(format!("{}–{}", number(low), number(high)))
    }

    pub fn call(&self, call: Call) -> &'a str {
        self.words.say(match call {
            Call::Increased => "call.increased",
            Call::Stable => "call.stable",
            Call::Decreased => "call.decreased",
            Call::NotComparable => "call.not_comparable",
            Call::Withheld => "call.withheld",
            Call::NoTest => "call.no_test",
        })
    }

    /// A cell as it is named in marts, downloads and drawings.
    pub fn name(&self, key: Key) -> String {
        let of = &self.release.dimensions;
        format!(
            "{}|{}|{}|{}",
            of.indicators[key.indicator].key,
            of.panels[key.panel].key,
            of.waves[key.wave].wave,
            of.levels[key.level].cell()
        )
    }

    /// An estimate in a line of words: whose, and how sure.
    pub fn in_words(&self, estimate: &Estimate) -> String {
        let key = estimate.key;
        let mut parts = vec![self.panel(key.panel), self.indicator(key.indicator)];
        if !self.release.dimensions.levels[key.level].is_total() {
            parts.push(self.level(key.level));
        }
        let about = format!("{}, {}", parts.join(", "), self.wave(key.wave));
        let Some(value) = estimate.value.filter(|_| self.release.is_shown(estimate)) else {
            return format!("{about}: {}", self.status(estimate.status));
        };
        let value = self.figure(key.indicator, value);
        let n = estimate.n.map_or_else(|| "–".to_owned(), |n| self.words.count(n));
        match self.interval(estimate) {
            Some(interval) => {
                let values = [
                    ("about", about.as_str()),
                    ("value", &value),
                    ("interval", &interval),
                    ("n", &n),
                ];
                self.words.fill("figure.in_words", &values)
            }
            None => format!("{about}: {value}"),
        }
    }
}
