//! From the cells of a figure to a chart.

use super::maker::Maker;
use super::{Content, arrange, sentence};
use crate::chart::{Axis, Chart, Facet, Range, Terms, colour_of};
use crate::release::Release;
use crate::release::figure::{Figure, Form, Measure};
use crate::view::View;

/// Whether a matrix shows differences between groups rather than between waves.
pub fn is_of_contrasts(release: &Release, figure: &Figure) -> bool {
    let levels = arrange::levels(release, figure);
    match figure.measure {
        Some(measure) => measure == Measure::Difference,
        None => {
            figure.form == Form::Matrix
                && levels.iter().any(|level| !release.dimensions.levels[*level].is_total())
        }
    }
}

/// A matrix of more rows says each cell in its table only, so that its page stays small.
const MOST_ROWS: usize = 30;

fn without_words(facet: &mut Facet) {
    let lines = facet.groups.iter_mut().flat_map(|group| &mut group.lines);
    lines.flat_map(|line| &mut line.points).for_each(|point| point.words.clear());
}

pub fn chart<'a>(view: View<'a>, content: &Content<'a>) -> Chart {
    let maker = Maker::new(view, content.figure);
    let is_matrix = form(view.release, content.figure) == Form::Matrix;
    let (facets, columns, titles) = if is_of_contrasts(view.release, content.figure) {
        maker.contrasts(content)
    } else if is_matrix {
        let (facets, columns) = maker.calls(content);
        (facets, columns, Vec::new())
    } else {
        (maker.estimates(content), maker.columns(), Vec::new())
    };
    let mut facets = maker.facets(facets);
    for (facet, title) in facets.iter_mut().zip(titles) {
        facet.title = title;
    }
    if is_matrix && facets.iter().flat_map(|facet| &facet.groups).count() > MOST_ROWS {
        facets.iter_mut().for_each(without_words);
    }
    let figure = content.figure;
    let unit = content.estimates.first().map_or("percent", |one| {
        view.release.dimensions.indicators[one.key.indicator].unit.as_str()
    });
    let bands = if figure.form == Form::DotsBands { bands(view, unit) } else { Vec::new() };
    let values = content.estimates.iter().flat_map(|one| [one.value, one.low, one.high]).flatten();
    Chart {
        form: form(view.release, figure),
        id: format!("c-{}", crate::site::slug(&figure.key)),
        title: view.text(&figure.titles, &figure.key).to_owned(),
        description: sentence::description(view, content),
        axis: axis(values, unit, figure.form, view),
        series: maker.series(),
        columns,
        bands,
        facets,
        terms: if content.contrasts.is_empty() { terms(view) } else { terms_of_contrasts(view) },
        source: source(view),
    }
}

/// Differences and calls stand in a matrix: their sign, size and word are what is asked for.
pub fn form(release: &Release, figure: &Figure) -> Form {
    let is_call = figure.measure == Some(Measure::Call);
    if is_call || is_of_contrasts(release, figure) { Form::Matrix } else { figure.form }
}

/// Shares beside marks run to 100; lines and scores use the room that they need.
pub fn axis(values: impl Iterator<Item = f64>, unit: &str, form: Form, view: View<'_>) -> Axis {
    let whole = (unit == "percent" && form != Form::Lines).then_some(100.0);
    Axis::over(values.chain(whole), unit, view.words.say("number.decimal"))
}

fn bands(view: View<'_>, unit: &str) -> Vec<Range> {
    let of_unit = view.release.dimensions.bands.iter().filter(|band| band.unit == unit);
    let mut bands: Vec<Range> = of_unit
        .map(|band| Range {
            label: view.text(&band.labels, &band.key).to_owned(),
            lower: band.lower.unwrap_or(f64::MIN),
            upper: band.upper.unwrap_or(f64::MAX),
        })
        .collect();
    bands.sort_by(|a, b| a.lower.total_cmp(&b.lower));
    bands
}

pub fn terms(view: View<'_>) -> Terms {
    let say = |key: &str| view.words.say(key).to_owned();
    Terms {
        interval: say("term.interval"),
        withheld: say("term.withheld"),
        not_asked: say("term.not_asked"),
        no_answers: say("term.no_answers"),
        series_break: say("term.series_break"),
        unreliable: say("term.unreliable"),
        difference: say("term.difference"),
        calls: ["increased", "stable", "decreased", "not_comparable", "withheld", "no_test"]
            .map(|call| say(&format!("call_short.{call}"))),
        corrected: say("term.corrected"),
    }
}

fn terms_of_contrasts(view: View<'_>) -> Terms {
    let [.., not_comparable, withheld, no_test] = terms(view).calls;
    let say = |key: &str| view.words.say(key).to_owned();
    let calls = ["higher", "not_different", "lower"].map(|call| say(&format!("call_short.{call}")));
    let [higher, same, lower] = calls;
    Terms { calls: [higher, same, lower, not_comparable, withheld, no_test], ..terms(view) }
}

pub fn source(view: View<'_>) -> String {
    let monitor = view.monitor();
    let release = view.release.manifest.release.as_str();
    let source = view.words.fill("figure.source", &[("monitor", &monitor), ("release", release)]);
    let notice = view.notice();
    if notice.is_empty() { source } else { format!("{notice}. {source}") }
}

pub fn panel_colour(view: View<'_>, panel: usize) -> String {
    let one = &view.release.dimensions.panels[panel];
    colour_of(one.colour.as_deref(), panel, one.is_total)
}
