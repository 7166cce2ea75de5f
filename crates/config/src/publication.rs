//! config/figures.toml: the figures of the publication, each by what it shows and how it is drawn.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use survey::Labels;

/// The file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FigureFile {
    /// The figures, in the order of the publication.
    pub figure: Vec<Figure>,
}

/// A figure of the publication. Its indicators are those of indicators.csv that name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// The name that indicators.csv uses, e.g. `F1`.
    pub figure: String,
    /// What it shows, in a few words.
    pub title: Labels,
    /// Population, measure and unit.
    pub subtitle: Labels,
    /// What a reader must know to read it.
    #[serde(default)]
    pub note: Labels,
    /// How it is drawn.
    pub form: Form,
    /// What is drawn.
    #[serde(default)]
    pub measure: Measure,
    /// What the small multiples are.
    #[serde(default)]
    pub facet: Option<Dimension>,
    /// What the rows of a chart are.
    #[serde(default)]
    pub row: Option<Dimension>,
    /// What lines, dots and colours are.
    #[serde(default)]
    pub series: Option<Dimension>,
    /// Which waves are drawn.
    #[serde(default)]
    pub waves: Waves,
    /// By what it is broken down; `total` for not at all.
    #[serde(default = "total")]
    pub breakdowns: Vec<String>,
    /// Panels and totals, in order.
    pub panels: Vec<String>,
    /// The total that stands beside the panels.
    #[serde(default)]
    pub reference: Option<String>,
    /// The pairs of indicators that it sets against each other.
    #[serde(default)]
    pub gap: Option<String>,
    /// All indicators, also those that do not name it.
    #[serde(default)]
    pub every_indicator: bool,
    /// Indicators that belong together.
    #[serde(default)]
    pub groups: Vec<FigureGroup>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FigureGroup {
    /// Its name in the marts.
    pub name: String,
    /// Its name for readers.
    pub label: Labels,
    /// The indicators of the figure that belong to it.
    pub indicators: Vec<String>,
}

macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$of])* $variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

names! {
    /// How a figure is drawn.
    Form {
        #[default]
        Lines = "lines",
        BarTick = "bar_tick",
        Dumbbell = "dumbbell",
        DotsBands = "dots_bands",
        Matrix = "matrix",
    }
}

names! {
    /// What is drawn.
    Measure {
        #[default]
        Value = "value",
        /// Each level against the reference level of its breakdown.
        Difference = "difference",
        /// What is said of the change against the wave before.
        Call = "call",
    }
}

names! {
    /// What a part of a chart stands for.
    Dimension {
        #[default]
        Indicator = "indicator",
        Panel = "panel",
        Wave = "wave",
        Breakdown = "breakdown",
        Level = "level",
        Group = "group",
        Subject = "subject",
        Side = "side",
    }
}

names! {
    /// Which waves are drawn.
    Waves {
        #[default]
        All = "all",
        Latest = "latest",
        LatestTwo = "latest_two",
    }
}

fn total() -> Vec<String> {
    vec!["total".to_owned()]
}
