//! How the publication draws its figures (`dim_figure`).

use std::path::Path;

use crate::release::Dimensions;
use crate::release::dimension::{in_order, texts};
use crate::release::table::{Table, read_if_there};
use crate::{Error, Texts};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Lines,
    BarTick,
    Dumbbell,
    DotsBands,
    Matrix,
}

/// What small multiples, rows and colours can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shown {
    Indicator,
    Panel,
    Wave,
    Breakdown,
    Level,
    Group,
    Side,
}

/// What a figure shows of its cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    Value,
    /// Levels of a breakdown against one of them.
    Difference,
    /// Of the change against the wave before.
    Call,
}

/// Indicators of a figure that belong together.
#[derive(Debug, Clone)]
pub struct Group {
    pub name: String,
    pub labels: Texts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waves {
    All,
    Latest,
    LatestTwo,
}

#[derive(Debug, Clone)]
pub struct Figure {
    pub key: String,
    pub titles: Texts,
    pub subtitles: Texts,
    pub notes: Texts,
    pub form: Form,
    pub facet: Option<Shown>,
    pub row: Option<Shown>,
    pub series: Option<Shown>,
    pub waves: Waves,
    /// The waves themselves, where the release names them.
    pub named_waves: Option<Vec<usize>>,
    /// None: what the form and the breakdowns suggest.
    pub measure: Option<Measure>,
    /// Of each indicator, where it belongs to one.
    pub groups: Vec<Group>,
    pub group_of: Vec<Option<usize>>,
    pub gap: Option<String>,
    /// The panel of a total that is drawn dashed.
    pub reference: Option<usize>,
    pub indicators: Vec<usize>,
    pub panels: Vec<usize>,
    pub breakdowns: Vec<String>,
}

const FORMS: [(&str, Form); 5] = [
    ("lines", Form::Lines),
    ("bar_tick", Form::BarTick),
    ("dumbbell", Form::Dumbbell),
    ("dots_bands", Form::DotsBands),
    ("matrix", Form::Matrix),
];
const SHOWN: [(&str, Shown); 8] = [
    ("indicator", Shown::Indicator),
    ("panel", Shown::Panel),
    ("wave", Shown::Wave),
    ("level", Shown::Level),
    ("breakdown", Shown::Breakdown),
    ("group", Shown::Group),
    // A pair of indicators is one member.
    ("subject", Shown::Indicator),
    ("side", Shown::Side),
];
const MEASURES: [(&str, Measure); 3] =
    [("value", Measure::Value), ("difference", Measure::Difference), ("call", Measure::Call)];
const WAVES: [(&str, Waves); 3] =
    [("all", Waves::All), ("latest", Waves::Latest), ("latest_two", Waves::LatestTwo)];

fn named<T: Copy>(known: &[(&str, T)], found: &str) -> Result<T, String> {
    let all = || known.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    known.iter().find(|(name, _)| *name == found).map(|(_, value)| *value).ok_or_else(all)
}

/// All figures in their order; none where the release does not say how they are drawn.
pub fn figures(folder: &Path, dimensions: &Dimensions) -> Result<Option<Vec<Figure>>, Error> {
    let Some(table) = read_if_there(folder, "dim_figure")? else { return Ok(None) };
    table.expect(&["figure", "form"], &[])?;
    let bridges = Bridges {
        indicators: read_if_there(folder, "figure_indicator")?,
        panels: read_if_there(folder, "figure_panel")?,
        breakdowns: read_if_there(folder, "figure_breakdown")?,
        waves: read_if_there(folder, "figure_wave")?,
        groups: read_if_there(folder, "figure_group")?,
    };
    let one = |row| bridges.figure(&table, row, dimensions);
    in_order(&table).into_iter().map(one).collect::<Result<_, _>>().map(Some)
}

/// What stands in which figure.
struct Bridges {
    indicators: Option<Table>,
    panels: Option<Table>,
    breakdowns: Option<Table>,
    waves: Option<Table>,
    groups: Option<Table>,
}

impl Bridges {
    fn figure(&self, table: &Table, row: usize, dimensions: &Dimensions) -> Result<Figure, Error> {
        let key = table.need("figure", row)?.to_owned();
        let form = named(&FORMS, table.need("form", row)?).map_err(|expected| Error::Form {
            figure: key.clone(),
            found: table.text("form", row).unwrap_or_default().to_owned(),
            expected,
        })?;
        let wrong = |column: &'static str, expected| Error::Dimension {
            figure: key.clone(),
            column,
            found: table.text(column, row).unwrap_or_default().to_owned(),
            expected,
        };
        let shown = |column| {
            let found = table.text(column, row).map(|text| named(&SHOWN, text));
            found.transpose().map_err(|expected| wrong(column, expected))
        };
        let waves = named(&WAVES, table.text("waves", row).unwrap_or("all"));
        let reference = table.text("reference", row);
        let is_known = |panel: &str| {
            let place = dimensions.panel(panel);
            place.ok_or_else(|| table.unknown(row, "reference", panel, "dim_panel"))
        };
        let breakdowns =
            listed(self.breakdowns.as_ref(), &key, "breakdown", |_, _, name| Ok(name.to_owned()))?;
        let measure = table.text("measure", row).map(|text| named(&MEASURES, text));
        let groups = self.groups(&key)?;
        let group_of = listed(self.indicators.as_ref(), &key, "indicator", |bridge, row, _| {
            let name = bridge.text("group_name", row);
            Ok(name.and_then(|name| groups.iter().position(|group| group.name == name)))
        })?;
        Ok(Figure {
            measure: measure.transpose().map_err(|expected| wrong("measure", expected))?,
            named_waves: self.waves(&key, dimensions)?,
            groups,
            group_of,
            titles: texts(table, "title_", row),
            subtitles: texts(table, "subtitle_", row),
            notes: texts(table, "note_", row),
            form,
            facet: shown("facet")?,
            row: shown("row")?,
            series: shown("series")?,
            waves: waves.map_err(|expected| wrong("waves", expected))?,
            gap: table.text("gap", row).map(str::to_owned),
            reference: reference.map(is_known).transpose()?,
            indicators: listed(
                self.indicators.as_ref(),
                &key,
                "indicator",
                |bridge, row, name| {
                    let place = dimensions.indicator(name);
                    place.ok_or_else(|| bridge.unknown(row, "indicator", name, "dim_indicator"))
                },
            )?,
            panels: listed(self.panels.as_ref(), &key, "panel", |bridge, row, name| {
                let place = dimensions.panel(name);
                place.ok_or_else(|| bridge.unknown(row, "panel", name, "dim_panel"))
            })?,
            breakdowns: if breakdowns.is_empty() { vec!["total".to_owned()] } else { breakdowns },
            key,
        })
    }
}

impl Bridges {
    fn groups(&self, figure: &str) -> Result<Vec<Group>, Error> {
        listed(self.groups.as_ref(), figure, "group_name", |bridge, row, name| {
            Ok(Group { name: name.to_owned(), labels: texts(bridge, "label_", row) })
        })
    }

    /// The waves that a figure shows, where the release says so.
    fn waves(&self, figure: &str, dimensions: &Dimensions) -> Result<Option<Vec<usize>>, Error> {
        let Some(bridge) = &self.waves else { return Ok(None) };
        bridge.expect(&["figure"], &["wave"])?;
        let mut waves = Vec::new();
        for row in (0..bridge.rows).filter(|row| bridge.text("figure", *row) == Some(figure)) {
            let wave = bridge.need_number("wave", row)? as i32;
            let place = dimensions.wave(wave);
            let unknown = || bridge.unknown(row, "wave", &wave.to_string(), "dim_wave");
            waves.push(place.ok_or_else(unknown)?);
        }
        waves.sort_unstable();
        Ok(Some(waves))
    }
}

/// The members of a figure, in their order.
fn listed<T>(
    bridge: Option<&Table>,
    figure: &str,
    column: &str,
    read: impl Fn(&Table, usize, &str) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let Some(bridge) = bridge else { return Ok(Vec::new()) };
    bridge.expect(&["figure", column], &[])?;
    let rows = in_order(bridge).into_iter();
    // The reference of a figure stands in its own column.
    let is_member = |row: &usize| bridge.text("role", *row) != Some("reference");
    let of_figure =
        rows.filter(|row| bridge.text("figure", *row) == Some(figure) && is_member(row));
    of_figure.map(|row| read(bridge, row, bridge.need(column, row)?)).collect()
}
