//! The answers to a question: shares that make a whole together, and figures that count some of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::cell::is_rounded;
use crate::cell::{Indicator, Place, TOTAL, Truth};
use crate::files::Table;
use crate::text::Text;

/// Most decimals that a published share is taken to have.
const MOST_DECIMALS: i32 = 9;

/// One question in one panel and wave.
pub struct Question {
    pub concept: Text,
    pub shares: Vec<Place>,
    /// Totals of the figures that count some of its answers among the same people, with the shares of these.
    pub counting: Vec<(Place, Vec<Place>)>,
}

/// The name under which a share is attacked.
pub fn share(concept: &str, code: &str) -> Text {
    Text::from(format!("{concept}={code}").as_str())
}

/// The names of the rows of a table that has a question and a code, and no indicator.
pub fn shares(table: &Table) -> Option<Vec<Text>> {
    let (concept, code) = (table.text("concept")?, table.text("code")?);
    let name = |row: usize| {
        share(concept[row].as_deref().unwrap_or_default(), code[row].as_deref().unwrap_or_default())
    };
    Some((0..table.rows).map(name).collect())
}

/// The question of each share.
pub fn asked(table: &Table) -> BTreeMap<Text, Text> {
    let concepts = table.text("concept").unwrap_or_default();
    let names = shares(table).unwrap_or_default();
    let asked = names.into_iter().zip(concepts);
    asked.filter_map(|(share, concept)| Some((share, concept.clone()?))).collect()
}

/// How the shares are published: in percent, with as many decimals as any of them shows.
pub fn published(table: &Table) -> BTreeMap<Text, Indicator> {
    let percent = table.number("percent").unwrap_or_default();
    let fits = |decimals: &i32| percent.iter().flatten().all(|own| is_rounded(*own, *decimals));
    let decimals = (0..MOST_DECIMALS).find(fits).unwrap_or(MOST_DECIMALS);
    let indicator = || Indicator { decimals, unit: 100.0, is_proportion: true, is_share: true };
    shares(table).into_iter().flatten().map(|name| (name, indicator())).collect()
}

/// The questions of a release, by its dimensions and what is true.
pub fn questions(
    truth: &BTreeMap<Place, Truth>,
    asked: &BTreeMap<Text, Text>,
    codes: Option<&Table>,
) -> Vec<Question> {
    let mut counted: BTreeMap<Text, (Text, BTreeSet<Text>)> = BTreeMap::new();
    let columns = codes.and_then(|table| {
        Some((table.text("indicator")?, table.text("concept")?, table.text("code")?))
    });
    if let Some((indicators, concepts, codes)) = columns {
        for ((indicator, concept), code) in indicators.iter().zip(concepts).zip(codes) {
            if let (Some(indicator), Some(concept), Some(code)) = (indicator, concept, code) {
                let own = counted.entry(indicator.clone());
                let own = own.or_insert_with(|| (concept.clone(), BTreeSet::new()));
                own.1.insert(share(concept, code));
            }
        }
    }
    let mut all: BTreeMap<(Text, Text, i64), Vec<Place>> = BTreeMap::new();
    let somebody = |truth: &Truth| truth.is_asked && truth.n > 0.5 && truth.value.is_finite();
    for (place, _) in truth.iter().filter(|(_, own)| somebody(own)) {
        let Some(concept) = asked.get(&place.indicator) else { continue };
        all.entry((concept.clone(), place.panel.clone(), place.wave))
            .or_default()
            .push(place.clone());
    }
    let of = |((concept, panel, wave), shares): ((Text, Text, i64), Vec<Place>)| {
        let counts = |(indicator, (of, codes)): (&Text, &(Text, BTreeSet<Text>))| {
            let total = Place {
                indicator: indicator.clone(),
                wave,
                breakdown: Text::from(TOTAL),
                panel: panel.clone(),
                level: Text::from(TOTAL),
            };
            let own = truth.get(&total)?;
            let is_same = *of == concept && somebody(own) && own.n == truth[&shares[0]].n;
            let parts = shares.iter().filter(|share| codes.contains(&share.indicator)).cloned();
            is_same.then(|| (total, parts.collect()))
        };
        let counting = counted.iter().filter_map(counts).collect();
        Question { concept, shares, counting }
    };
    all.into_iter().map(of).collect()
}
