//! The stage: the figures of one panel over all its waves, or of a group of panels.

mod check;
mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use survey::handoff::EstimatesAbout;
use survey::{Code, Estimates, Warning, Wave, Weighted};

pub(crate) use self::check::check;
use crate::Error;
use crate::compare::{GapTest, negative_variances};
use crate::computed::{Computed, samples};
use crate::measure::{Gaps, Measure};
use crate::pairs::Pairs;
use crate::sample::{Part, Refusal};
use crate::settings::{Bases, Settings};
use crate::tabulate::Plan;

/// The figures of one panel.
///
/// `weighted`: its waves, in any order, each once; a wave of the settings that is not there counts as not asked, with a
/// warning. `bases`: mask of each indicator's base for each hand-off, in the order of `weighted`. Extra `change` and
/// `contrast` (all pairs of published levels of a breakdown), `gap` and `gap_change` (pairs of indicators), `answer_distribution`.
pub fn tabulate(
    weighted: &[Weighted],
    bases: &Bases,
    settings: &Settings,
) -> Result<Estimates, Error> {
    let panels = std::slice::from_ref(settings);
    let made = make(settings, weighted, bases, panels).map_err(Box::new)?;
    Ok(made)
}

fn make(
    settings: &Settings,
    weighted: &[Weighted],
    bases: &Bases,
    panels: &[Settings],
) -> Result<Estimates, Refusal> {
    check(settings)?;
    let plan = Plan::new(panels);
    let plan_of_shares = Plan::of_shares(settings);
    let pairs = Pairs::new(&plan);
    let samples = samples(&plan, by_wave(&plan, &[weighted], &[bases])?)?;
    let [computed, shares] = Computed::all([&plan, &plan_of_shares], &samples)?;
    let shares = Measure::of_figures(&settings.panel, &plan_of_shares, shares.series);
    let levels = Pairs::of_levels(&plan);
    let differences = || (pairs.compute(&computed), levels.compute(&computed));
    let (shared, (paired, of_levels)) = rayon::join(|| computed.shared(&plan), differences);
    let shared = shared?;
    let mut measure = computed.measure(&plan, &shared, &settings.panel);
    let gaps = paired?.gaps(&pairs, &computed, &shared, &settings.panel)?;
    let followed = of_levels?.changes(&levels, &shared, &settings.panel)?;
    let mut warnings = missing_waves(&plan, &[weighted]);
    warnings.append(&mut measure.warnings);
    let made = Made {
        figures: vec![measure],
        gaps: vec![gaps],
        followed: vec![followed],
        shares: vec![shares],
    };
    Ok(handoff(&made, &settings.panel, &plan, warnings))
}

/// All measures of a panel or group.
pub(crate) struct Made<'a> {
    pub figures: Vec<Measure<'a>>,
    /// The differences of pairs of indicators.
    pub gaps: Vec<Gaps<'a>>,
    /// The differences between levels that are compared over the waves.
    pub followed: Vec<Measure<'a>>,
    /// The shares of answers, of single panels only.
    pub shares: Vec<Measure<'a>>,
}

/// The tables of some measures as the stage hands them on.
pub(crate) fn handoff(
    made: &Made<'_>,
    name: &str,
    plan: &Plan<'_>,
    mut warnings: Vec<Warning>,
) -> Estimates {
    warnings.extend(made.figures.iter().flat_map(|measure| without_variance(measure, &[])));
    warnings.extend(made.followed.iter().flat_map(|measure| without_variance(measure, &[])));
    warnings.extend(made.gaps.iter().flat_map(|gaps| without_variance(&gaps.measure, &gaps.tests)));
    let extra = [
        ("change", table::changes(&made.figures)),
        ("contrast", table::contrasts(&made.figures)),
        ("gap", table::gaps(&made.gaps)),
        ("gap_change", table::gap_changes(&made.gaps)),
        ("contrast_change", table::contrast_changes(&made.followed)),
        ("answer_distribution", table::estimates(&made.shares)),
    ];
    Estimates {
        table: table::estimates(&made.figures),
        extra: extra.map(|(name, table)| (name.to_owned(), table)).into(),
        findings: Vec::new(),
        warnings,
        about: EstimatesAbout { panel: name.to_owned(), waves: plan.waves.to_vec() },
    }
}

/// A warning for each wave with comparisons whose variance is negative.
fn without_variance(measure: &Measure<'_>, gaps: &[GapTest]) -> Vec<Warning> {
    let of_wave = |(at, &wave): (usize, &Wave)| {
        let changes = measure.changes.iter().filter(|change| change.wave == at);
        let contrasts = measure.contrasts.iter().filter(|pair| pair.wave == at);
        let gaps = gaps.iter().filter(|gap| gap.wave == at);
        let count = changes.filter(|change| change.is_negative).count()
            + contrasts.filter(|pair| pair.is_negative).count()
            + gaps.filter(|gap| gap.is_negative).count();
        negative_variances(&measure.panel, wave, count)
    };
    measure.plan.waves.iter().enumerate().filter_map(of_wave).collect()
}

/// The panels' hand-offs of each wave of the plan.
pub(crate) fn by_wave<'a>(
    plan: &Plan<'a>,
    weighted: &[&'a [Weighted]],
    bases: &[&'a Bases],
) -> Result<Vec<Vec<Part<'a>>>, Refusal> {
    let mut waves: Vec<Vec<Part<'a>>> = plan.waves.iter().map(|_| Vec::new()).collect();
    for (panel, settings) in plan.panels.iter().enumerate() {
        let mut seen: BTreeSet<Wave> = BTreeSet::new();
        for (position, handoff) in weighted[panel].iter().enumerate() {
            let panel_wave = handoff.about.panel_wave.clone();
            if panel_wave.panel != settings.panel {
                return Err(Refusal::OtherPanel {
                    found: panel_wave,
                    expected: settings.panel.clone(),
                });
            }
            if !seen.insert(panel_wave.wave) {
                return Err(Refusal::WaveTwice { panel_wave });
            }
            if let Some(at) = plan.waves.iter().position(|&wave| wave == panel_wave.wave) {
                waves[at].push(Part {
                    panel,
                    position,
                    weighted: handoff,
                    settings,
                    bases: bases[panel],
                });
            }
        }
    }
    Ok(waves)
}

/// A warning for every wave of the settings that a panel has no hand-off of, and for every hand-off of which no figure is made.
pub(crate) fn missing_waves(plan: &Plan<'_>, weighted: &[&[Weighted]]) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for (settings, handoffs) in plan.panels.iter().zip(weighted) {
        for &wave in plan.waves {
            let handoff = handoffs.iter().find(|one| one.about.panel_wave.wave == wave);
            let (code, message, hint) = match handoff {
                None => {
                    let message = "no answers handed in; its figures read `not_asked`";
                    (Code::WaveWithoutAnswers, message, None)
                }
                Some(handoff) if !has_figures(settings, handoff) => (
                    Code::AnswersWithoutFigures,
                    "delivered, but no indicator is made of it",
                    Some(WITHOUT_FIGURES.to_owned()),
                ),
                Some(_) => continue,
            };
            warnings.push(Warning {
                code,
                panel: Some(settings.panel.clone()),
                wave: Some(wave),
                message: format!("{} {wave}: {message}", settings.panel),
                hint,
            });
        }
    }
    warnings
}

/// How a panel-wave gets figures.
const WITHOUT_FIGURES: &str =
    "see `panels`, `first_wave` and `last_wave` in config/indicators.csv; an empty end is open";

fn has_figures(settings: &Settings, handoff: &Weighted) -> bool {
    let wave = handoff.about.panel_wave.wave;
    settings.indicators.iter().any(|indicator| {
        indicator.is_made_in(wave) && handoff.about.asked.contains(&indicator.concept)
    })
}
