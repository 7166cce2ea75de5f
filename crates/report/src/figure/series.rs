//! The series of a chart: colours, shapes and dashes.

use super::arrange;
use super::draw::panel_colour;
use super::maker::Maker;
use crate::chart::{Series, colour_of, series_style};
use crate::release::figure::Shown;

impl Maker<'_> {
    pub(super) fn series(&self) -> Vec<Series> {
        let named = |labels: Vec<String>| -> Vec<Series> {
            let each = labels.into_iter().enumerate();
            each.map(|(place, label)| series_style(label, colour_of(None, place, false), place))
                .collect()
        };
        let mut series = match self.seen.series {
            Some(Shown::Panel) => self
                .panels
                .iter()
                .enumerate()
                .map(|(place, panel)| {
                    let label = self.view.panel(*panel).to_owned();
                    series_style(label, panel_colour(self.view, *panel), place)
                })
                .collect(),
            Some(Shown::Indicator) => {
                let labels = self.labels.iter().zip(&self.pairs).enumerate();
                let one = |(place, (label, (indicator, _))): (usize, (&String, &(usize, _)))| {
                    let own = &self.view.release.dimensions.indicators[*indicator].colour;
                    series_style(label.clone(), colour_of(own.as_deref(), place, false), place)
                };
                labels.map(one).collect()
            }
            Some(Shown::Side) => {
                let mut sides = named(self.sides.to_vec());
                for (place, side) in sides.iter_mut().enumerate() {
                    side.is_hollow = place == 1;
                    side.shape = series_style(String::new(), String::new(), 0).shape;
                    side.colour = colour_of(None, 0, false);
                }
                sides
            }
            Some(Shown::Level) => self.level_series(),
            Some(Shown::Wave) => {
                let waves = 0..self.view.release.dimensions.waves.len();
                named(waves.map(|wave| self.view.wave(wave).to_owned()).collect())
            }
            Some(Shown::Breakdown | Shown::Group) | None => named(vec![String::new()]),
        };
        self.dashed(&mut series);
        series
    }

    /// The n-th colour is the n-th level, whichever breakdown it is of.
    fn level_series(&self) -> Vec<Series> {
        let dimensions = &self.view.release.dimensions;
        let levels = arrange::levels(self.view.release, self.figure);
        let of = |breakdown: &String| {
            let is_of = |level: &&usize| dimensions.levels[**level].breakdown == *breakdown;
            levels.iter().filter(is_of).copied().collect::<Vec<_>>()
        };
        let longest =
            self.figure.breakdowns.iter().map(of).max_by_key(Vec::len).unwrap_or_default();
        longest
            .iter()
            .enumerate()
            .map(|(place, level)| {
                let label = self.view.level(*level).to_owned();
                series_style(label, colour_of(None, place, false), place)
            })
            .collect()
    }

    /// The reference is grey and dashed.
    fn dashed(&self, series: &mut Vec<Series>) {
        let Some(reference) = self.figure.reference else { return };
        let label = self.view.panel(reference).to_owned();
        let mut style = series_style(label, colour_of(None, 0, true), 5);
        // Where one line is dashed because it is the reference, the others are not.
        for one in series.iter_mut() {
            one.dash = "";
        }
        style.dash = "6 4";
        style.is_hollow = true;
        match self.seen.series {
            Some(Shown::Panel) => {
                if let Some(last) = self.panels.iter().position(|panel| *panel == reference) {
                    series[last] = style;
                }
            }
            _ => series.push(style),
        }
    }
}
