//! A release as it is read: the manifest and the public marts, nothing else.

pub mod asked;
pub mod dimension;
pub mod fact;
pub mod figure;
pub mod manifest;
pub mod since;
pub mod table;

use std::collections::BTreeMap;
use std::path::Path;

use crate::Error;
use asked::{Answer, Items, PanelWave, Share};
use dimension::{Band, Indicator, Level, Pair, Panel, Status, Wave};
use fact::{Change, Contrast, Estimate, Gap, Key};
use figure::Figure;
use manifest::Manifest;
use table::{Table, read, read_if_there};

pub struct Dimensions {
    pub indicators: Vec<Indicator>,
    pub panels: Vec<Panel>,
    pub waves: Vec<Wave>,
    pub levels: Vec<Level>,
    pub statuses: Vec<Status>,
    pub bands: Vec<Band>,
    pub pairs: BTreeMap<(String, String), Pair>,
    places: Places,
}

/// Where a name stands in its dimension.
#[derive(Default)]
struct Places {
    indicators: BTreeMap<String, usize>,
    panels: BTreeMap<String, usize>,
    levels: BTreeMap<String, usize>,
}

pub struct Release {
    pub manifest: Manifest,
    pub languages: Vec<String>,
    pub dimensions: Dimensions,
    pub figures: Vec<Figure>,
    pub estimates: Vec<Estimate>,
    pub changes: Vec<Change>,
    pub contrasts: Vec<Contrast>,
    pub gaps: Vec<Gap>,
    pub items: Items,
    pub answers: BTreeMap<String, Vec<Answer>>,
    pub shares: Vec<Share>,
    pub panel_waves: Vec<PanelWave>,
    /// What the site lacks because the release lacks it.
    pub notes: Vec<String>,
}

impl Dimensions {
    fn read(folder: &Path) -> Result<(Self, Vec<String>), Error> {
        let indicators = read(folder, "dim_indicator")?;
        let languages = indicators.endings("label_");
        let bands = read_if_there(folder, "dim_band")?;
        let pairs = read_if_there(folder, "dim_gap")?;
        let mut dimensions = Self {
            indicators: dimension::indicators(&indicators)?,
            panels: dimension::panels(&read(folder, "dim_panel")?)?,
            waves: dimension::waves(&read(folder, "dim_wave")?)?,
            levels: dimension::levels(&read(folder, "dim_breakdown")?)?,
            statuses: dimension::statuses(&read(folder, "dim_status")?)?,
            pairs: pairs.map(|table| dimension::pairs(&table)).transpose()?.unwrap_or_default(),
            bands: bands.map(|table| dimension::bands(&table)).transpose()?.unwrap_or_default(),
            places: Places::default(),
        };
        if let Some(codes) = read_if_there(folder, "indicator_code")? {
            dimension::add_codes(&mut dimensions.indicators, &codes)?;
        }
        let places =
            |keys: Vec<String>| keys.into_iter().enumerate().map(|(a, b)| (b, a)).collect();
        dimensions.places = Places {
            indicators: places(dimensions.indicators.iter().map(|one| one.key.clone()).collect()),
            panels: places(dimensions.panels.iter().map(|one| one.key.clone()).collect()),
            levels: places(dimensions.levels.iter().map(Level::cell).collect()),
        };
        Ok((dimensions, languages))
    }

    pub fn indicator(&self, key: &str) -> Option<usize> {
        self.places.indicators.get(key).copied()
    }

    pub fn panel(&self, key: &str) -> Option<usize> {
        self.places.panels.get(key).copied()
    }

    pub fn wave(&self, wave: i32) -> Option<usize> {
        self.waves.iter().position(|one| one.wave == wave)
    }

    pub fn level(&self, breakdown: &str, level: &str) -> Option<usize> {
        let cell =
            if breakdown == "total" { "total".to_owned() } else { format!("{breakdown}:{level}") };
        self.places.levels.get(&cell).copied()
    }

    pub fn status(&self, status: &str, reason: &str) -> Option<usize> {
        let is_it = |one: &Status| one.status == status && one.reason == reason;
        self.statuses.iter().position(is_it)
    }

    pub fn total(&self) -> usize {
        self.levels.iter().position(Level::is_total).unwrap_or(0)
    }

    /// Places of the levels of a breakdown, in their order.
    pub fn levels_of(&self, breakdown: &str) -> Vec<usize> {
        let of = |place: &usize| self.levels[*place].breakdown == breakdown;
        (0..self.levels.len()).filter(of).collect()
    }
}

impl Release {
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let manifest = Manifest::read(folder)?;
        let (dimensions, languages) = Dimensions::read(folder)?;
        let mut notes = Vec::new();
        let mut optional = |mart: &str, lacks: &str| -> Result<Option<Table>, Error> {
            let table = read_if_there(folder, mart)?;
            if table.is_none() {
                notes.push(format!("the release has no mart `{mart}`: the site has {lacks}"));
            }
            Ok(table)
        };
        let contrasts = optional("contrast", "no contrasts between groups")?;
        let gaps = optional("gap", "no gaps")?;
        let items = optional("dim_item", "no question texts")?;
        let answers = optional("dim_answer", "no answer codes")?;
        let shares = optional("answer_distribution", "no answer distributions")?;
        let panel_waves = optional("panel_wave", "no facts of the fieldwork")?;
        let figures = figure::figures(folder, &dimensions)?;
        if figures.is_none() {
            notes.push(
                "the release has no mart `dim_figure`: the site has no figure pages".to_owned(),
            );
        }
        let of = &dimensions;
        let mut panel_waves =
            panel_waves.map(|t| asked::panel_waves(&t, of)).transpose()?.unwrap_or_default();
        if let Some(margins) = read_if_there(folder, "panel_wave_margin")? {
            asked::add_margins(&mut panel_waves, &margins, of)?;
        }
        Ok(Self {
            estimates: fact::estimates(&read(folder, "estimate")?, of)?,
            changes: fact::changes(&read(folder, "change")?, of)?,
            contrasts: contrasts.map(|t| fact::contrasts(&t, of)).transpose()?.unwrap_or_default(),
            gaps: gaps.map(|t| fact::gaps(&t, of)).transpose()?.unwrap_or_default(),
            items: items.map(|t| asked::items(&t, of)).transpose()?.unwrap_or_default(),
            answers: answers.map(|t| asked::answers(&t)).transpose()?.unwrap_or_default(),
            shares: shares.map(|t| asked::shares(&t, of)).transpose()?.unwrap_or_default(),
            panel_waves,
            figures: figures.unwrap_or_default(),
            manifest,
            languages,
            dimensions,
            notes,
        })
    }

    pub fn estimate(&self, key: Key) -> Option<&Estimate> {
        let place = self.estimates.binary_search_by_key(&key, |estimate| estimate.key);
        place.ok().map(|place| &self.estimates[place])
    }

    pub fn change(&self, key: Key) -> Option<&Change> {
        let place = self.changes.binary_search_by_key(&key, |change| change.key);
        place.ok().map(|place| &self.changes[place])
    }

    /// All estimates of an indicator, sorted by panel, level and wave.
    pub fn of_indicator(&self, indicator: usize) -> &[Estimate] {
        let from = self.estimates.partition_point(|one| one.key.indicator < indicator);
        let to = self.estimates.partition_point(|one| one.key.indicator <= indicator);
        &self.estimates[from..to]
    }

    pub fn contrast(&self, key: Key, other: usize) -> Option<&Contrast> {
        let place = self.contrasts.binary_search_by_key(&(key, other), |one| (one.key, one.other));
        place.ok().map(|place| &self.contrasts[place])
    }

    pub fn gap(&self, name: &str, key: Key) -> Option<&Gap> {
        let from = self.gaps.partition_point(|one| one.key < key);
        self.gaps[from..].iter().take_while(|one| one.key == key).find(|one| one.name == name)
    }

    pub fn is_shown(&self, estimate: &Estimate) -> bool {
        self.dimensions.statuses[estimate.status].is_shown && estimate.value.is_some()
    }

    pub fn last_wave(&self) -> usize {
        self.dimensions.waves.len().saturating_sub(1)
    }
}
