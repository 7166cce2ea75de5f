//! Totals over the panels of a group: respondents pooled, and the mean of the panels' own figures.

use std::collections::BTreeSet;

use config::Monitor;
use survey::{Estimates, Weighted};

use crate::Error;
use crate::compare::{Block, Returning, Sharing, changes, gap_tests};
use crate::computed::{Compared, Computed, samples};
use crate::measure::{Gaps, Measure};
use crate::pairs::{Paired, PairedSides, Pairs};
use crate::sample::{Part, Refusal};
use crate::settings::{Bases, GroupSettings};
use crate::stage::{Made, by_wave, check, handoff, missing_waves};
use crate::tabulate::{Figure, Plan, Series, Status};

/// The figures of a group of panels, as two measures: `{group}_pooled` (respondents stacked with the panel as stratum,
/// weighted to the sum of the populations) and `{group}_mean_of_groups` (unweighted mean of the panels' figures).
///
/// `panels` and `bases` have an entry for each of the settings' panels. An indicator is in it when two panels or more have it, a
/// breakdown when all have it; a series breaks where other panels were asked than before.
pub fn tabulate_group(
    panels: &[Vec<Weighted>],
    bases: &[Bases],
    settings: &GroupSettings,
) -> Result<Estimates, Error> {
    let made = make(panels, bases, settings).map_err(Box::new)?;
    Ok(made)
}

fn make(
    panels: &[Vec<Weighted>],
    bases: &[Bases],
    settings: &GroupSettings,
) -> Result<Estimates, Refusal> {
    let count = settings.panels.len();
    if count == 0 || panels.len() != count || bases.len() != count {
        return Err(Refusal::Group {
            group: settings.group.clone(),
            found: format!(
                "{count} panels, {} lists of waves and {} of bases",
                panels.len(),
                bases.len()
            ),
            expected: "one or more, of each as many".to_owned(),
        });
    }
    settings.panels.iter().try_for_each(check)?;
    let weighted: Vec<&[Weighted]> = panels.iter().map(Vec::as_slice).collect();
    let bases: Vec<&Bases> = bases.iter().collect();
    let plan = Plan::new(&settings.panels);

    let pairs = Pairs::new(&plan);
    let [pooled_name, mean_name] = Monitor::totals(&settings.group);

    let levels = Pairs::of_levels(&plan);

    // Pooled, then a panel at a time: the respondents of one sample are held at once.
    let (pooled, pooled_gaps, followed, returning) = {
        let everybody = samples(&plan, by_wave(&plan, &weighted, &bases)?)?;
        let computed = Computed::new(&plan, &everybody)?;
        let (shared, paired) = rayon::join(|| computed.shared(&plan), || pairs.compute(&computed));
        let shared = shared?;
        let gaps = paired?.gaps(&pairs, &computed, &shared, &pooled_name)?;
        let followed = levels.compute(&computed)?.changes(&levels, &shared, &pooled_name)?;
        let returning = shared.of_panels(count);
        (computed.measure(&plan, &shared, &pooled_name), gaps, followed, returning)
    };
    let mut returning = returning.into_iter().flatten();
    let own = (0..count).map(|panel| {
        let plan_of_panel = plan.of_panel(panel);
        let waves = by_wave(&plan_of_panel, &weighted[panel..=panel], &bases[panel..=panel])?;
        let pairs = (&pairs, &pairs.of_panel(panel));
        Panel::new((&plan, &plan_of_panel), pairs, waves, returning.next())
    });
    let own = own.collect::<Result<Vec<_>, Refusal>>()?;
    let mean = mean_of_panels(&plan, &own, &pairs, &mean_name);
    let made = Made {
        figures: vec![pooled, mean.0],
        gaps: vec![pooled_gaps, mean.1],
        followed: vec![followed],
        shares: Vec::new(),
    };
    Ok(handoff(&made, &settings.group, &plan, missing_waves(&plan, &weighted)))
}

/// One panel of the group by itself.
struct Panel {
    figures: Compared,
    gaps: Compared,
    /// The figures of the gaps.
    sides: PairedSides,
}

impl Panel {
    /// Of the plan and the pairs of the group those of the panel are computed, and compared as those of the group;
    /// `returning`: where that is known.
    fn new(
        (plan, own): (&Plan<'_>, &Plan<'_>),
        (pairs, own_pairs): (&Pairs<'_>, &Pairs<'_>),
        waves: Vec<Vec<Part<'_>>>,
        returning: Option<Returning>,
    ) -> Result<Self, Refusal> {
        let samples = samples(own, waves)?;
        let computed = Computed::new(own, &samples)?;
        let shared = || match returning {
            Some(returning) => computed.shared_of(plan, returning),
            None => computed.shared(plan),
        };
        let (shared, paired) = rayon::join(shared, || own_pairs.compute(&computed));
        let (shared, Paired { computed: differences, sides }) = (shared?, paired?);
        let gaps = differences.shared_as(&pairs.plan, &shared)?;
        let gaps = gaps.compared(differences.series.clone());
        Ok(Self { figures: shared.compared(computed.series.clone()), gaps, sides })
    }
}

/// The mean of the panels' figures, and of their gaps.
fn mean_of_panels<'p>(
    plan: &'p Plan<'p>,
    own: &[Panel],
    pairs: &'p Pairs<'p>,
    name: &str,
) -> (Measure<'p>, Gaps<'p>) {
    let figures: Vec<&Compared> = own.iter().map(|panel| &panel.figures).collect();
    let mean = mean_of_groups(plan, &figures, name);
    let gaps: Vec<&Compared> = own.iter().map(|panel| &panel.gaps).collect();
    let measure = mean_of_groups(&pairs.plan, &gaps, name);
    let sides = |series: usize, wave: usize| {
        let asked = measure.series[series].figures[wave].as_ref();
        let panels = asked.map_or_else(BTreeSet::new, |figure| figure.panels.clone());
        let weight = 1.0 / panels.len() as f64;
        let block =
            |&panel: &usize| own[panel].sides.block(&figures[panel].series, (series, wave), weight);
        panels.iter().map(block).collect::<Option<Vec<_>>>().unwrap_or_default()
    };
    let tests = gap_tests(&pairs.plan, &pairs.kinds, &measure.series, &sides);
    (mean, Gaps { measure, tests })
}

fn mean_of_groups<'p>(plan: &'p Plan<'p>, own: &[&Compared], name: &str) -> Measure<'p> {
    let cells = plan.cells().enumerate();
    let mut series: Vec<Series> = cells
        .map(|(position, (indicator, cut, level))| {
            let waves = 0..plan.waves.len();
            let figures = waves.map(|wave| mean(plan, own, position, wave)).collect();
            Series { indicator, cut, level, figures }
        })
        .collect();
    plan.judge(&mut series);
    // Independent samples: each panel is a block of its own, whose waves may share respondents.
    let joint = |position: usize, waves: &[usize]| {
        let last = waves.last().and_then(|&at| series[position].figures[at].as_ref());
        let panels = last.map_or_else(BTreeSet::new, |figure| figure.panels.clone());
        let weight = 1.0 / panels.len() as f64;
        let mut sharing = Sharing::Independent;
        let mut blocks = Vec::new();
        for &panel in &panels {
            let found = own[panel].together(position, waves);
            let figures = waves.iter().filter_map(|&wave| figure(own, panel, position, wave));
            sharing = sharing.max(found.1);
            blocks.push(Block { figures: figures.collect(), weight, together: found.0 });
        }
        (blocks, sharing)
    };
    let changes = changes(plan, &series, &joint);
    Measure { changes, ..Measure::of_figures(name, plan, series) }
}

/// Mean of the panels' figures, each counting the same; standard error √Σse² / k.
fn mean(plan: &Plan<'_>, own: &[&Compared], position: usize, wave: usize) -> Option<Figure> {
    let kind = plan.indicators[own[0].series[position].indicator].kind;
    let all: Vec<&Figure> =
        own.iter().filter_map(|panel| panel.series[position].figures[wave].as_ref()).collect();
    if all.is_empty() {
        return None;
    }
    let asked: BTreeSet<usize> = (0..own.len())
        .filter(|&panel| figure(own, panel, position, wave).is_some_and(Figure::is_asked))
        .collect();
    if asked.is_empty() {
        return Some(Figure::not_asked());
    }
    let figures: Vec<&Figure> =
        asked.iter().filter_map(|&panel| figure(own, panel, position, wave)).collect();
    let sum = |of: &dyn Fn(&Figure) -> f64| figures.iter().map(|figure| of(figure)).sum::<f64>();
    let k = figures.len() as f64;
    let variance = sum(&|figure| figure.standard_error.powi(2));
    let satterthwaite = variance * variance
        / sum(&|figure| figure.standard_error.powi(4) / figure.degrees_of_freedom);
    let n_yes: Option<Vec<u64>> = figures.iter().map(|figure| figure.n_yes).collect();
    let mut mean = Figure {
        n: figures.iter().map(|figure| figure.n).sum(),
        n_yes: n_yes.map(|counts| counts.iter().sum()),
        n_sample: Some(figures.iter().filter_map(|figure| figure.n_sample).sum()),
        sum_of_weights: sum(&|figure| figure.sum_of_weights),
        estimate: sum(&|figure| figure.estimate) / k,
        standard_error: variance.sqrt() / k,
        degrees_of_freedom: if variance > 0.0 {
            satterthwaite
        } else {
            sum(&|figure| figure.degrees_of_freedom)
        },
        panels: asked,
        ..Figure::empty()
    };
    mean.interval = mean.interval_of(kind, plan.confidence());
    // A panel without anybody in the cell leaves the mean undefined, as an empty base does.
    mean.status = Status::of_base(if mean.estimate.is_nan() { 0 } else { mean.n });
    Some(mean)
}

fn figure<'f>(
    own: &'f [&Compared],
    panel: usize,
    position: usize,
    wave: usize,
) -> Option<&'f Figure> {
    own[panel].series[position].figures[wave].as_ref()
}
