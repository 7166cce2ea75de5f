//! Replicate weights: the base weights of each replicate go through every weighting step again.

use config::sampling::{Centre, VarianceMethod};
use rayon::prelude::*;
use survey::design::Replicates;
use survey::{Code, Message};

use super::frame::Frame;
use super::margins::{Of, Target};
use super::method::{Outcome, weigh};
use super::refusal::Fault;
use super::sampling::is_in_sample;
use crate::replicate::{Method, ReplicatePlan};
use crate::{Error, Settings};

/// Replicate weights of all respondents, a column a replicate.
pub(super) struct Replicated {
    pub columns: Vec<Vec<f64>>,
    pub scale: f64,
    pub replicate_scales: Vec<f64>,
    pub mean_squared_error: bool,
    /// Warnings: code and message.
    pub notes: Vec<(Code, Message)>,
}

/// Weights (respondents × replicates) beyond which a plan is refused: 1.6 GB.
const MOST_WEIGHTS: usize = 200_000_000;

/// The replicates that the settings ask for; none under linearisation.
pub(super) fn replicates(
    frame: &Frame,
    targets: &[Target],
    outcome: &Outcome,
    settings: &Settings,
) -> Result<Option<Replicated>, Box<Fault>> {
    let Some(plan) = plan(frame, outcome, settings)? else { return Ok(None) };
    let rows = frame.base.len();
    if plan.count().saturating_mul(rows) > MOST_WEIGHTS {
        return Err(Box::new(too_many(plan.count(), rows, settings)));
    }
    let one = |weights: &mut Vec<f64>, index: usize| -> Result<One, Box<Fault>> {
        plan.fill(index, weights);
        if !settings.variance.recalibrate {
            return Ok(One { weights: weights.clone(), converged: true, lost_level: false });
        }
        again(frame, weights, targets, settings)
    };
    // All are made before one is refused: the first by number is told, on any number of threads.
    let made: Vec<Result<One, Box<Fault>>> =
        (0..plan.count()).into_par_iter().map_init(|| vec![0.0; rows], one).collect();
    let made = all_weighted(made)?;
    let count = |of: fn(&One) -> bool| made.iter().filter(|one| of(one)).count();
    let (stopped, lost) = (count(|one| !one.converged), count(|one| one.lost_level));
    let mut notes = Vec::new();
    if stopped > 0 {
        notes.push((
            Code::ReplicatesNotConverged,
            Message::new(
                format!(
                    "{stopped} of {} replicates stopped before they met all totals",
                    made.len()
                ),
                Some("raise maximum_rounds".to_owned()),
            ),
        ));
    }
    if lost > 0 {
        notes.push((
            Code::ReplicatesLostALevel,
            Message::new(
                format!(
                    "{lost} of {} replicates have nobody in some level of a margin: its other levels stand for the population there",
                    made.len()
                ),
                Some("merge small levels, or use a jackknife".to_owned()),
            ),
        ));
    }
    Ok(Some(Replicated {
        columns: made.into_iter().map(|one| one.weights).collect(),
        scale: plan.scale(),
        replicate_scales: plan.replicate_scales().to_vec(),
        mean_squared_error: plan.mean_squared_error(),
        notes,
    }))
}

/// One replicate.
struct One {
    weights: Vec<f64>,
    converged: bool,
    lost_level: bool,
}

/// All replicates, or the fault of the first that cannot be weighted and how many there are.
fn all_weighted(made: Vec<Result<One, Box<Fault>>>) -> Result<Vec<One>, Box<Fault>> {
    let (replicates, refused) = (made.len(), made.iter().filter(|one| one.is_err()).count());
    let numbered = made.into_iter().enumerate().map(|(index, one)| {
        one.map_err(|fault| {
            Box::new(Fault::Replicate { replicate: index + 1, replicates, refused, fault })
        })
    });
    numbered.collect()
}

fn plan(
    frame: &Frame,
    outcome: &Outcome,
    settings: &Settings,
) -> Result<Option<ReplicatePlan>, Box<Fault>> {
    let variance = &settings.variance;
    let method = match variance.method {
        VarianceMethod::Linearisation => return Ok(None),
        VarianceMethod::RaoWu => Method::RaoWu,
        VarianceMethod::Subbootstrap => Method::Subbootstrap,
        VarianceMethod::Jk1 => Method::Jk1,
        VarianceMethod::Jkn => Method::Jkn,
        VarianceMethod::Brr => Method::Brr,
        VarianceMethod::Fay => Method::Fay(variance.fay_factor.unwrap_or(0.0)),
    };
    let weights = if variance.recalibrate {
        let drawn = |row: usize| if is_in_sample(frame.parts[row]) { frame.base[row] } else { 0.0 };
        (0..frame.base.len()).map(drawn).collect()
    } else {
        outcome.weights.clone()
    };
    let design = frame.sampled.design(weights, settings.design.lonely_psu);
    let plan = ReplicatePlan::new(&design, method, variance.replicates as usize, variance.seed)
        .map_err(|error| Box::new(refused(error, frame, settings)))?;
    Ok(Some(match variance.centre {
        Centre::Estimate => plan,
        Centre::MeanOfReplicates => plan.centred_at_mean(),
    }))
}

/// All weighting steps from the base weights of a replicate.
fn again(
    frame: &Frame,
    base: &[f64],
    targets: &[Target],
    settings: &Settings,
) -> Result<One, Box<Fault>> {
    let first = |mut faults: Vec<Fault>| Box::new(faults.swap_remove(0));
    let sample = frame.sample(base, (settings, Of::Replicate)).map_err(first)?;
    let Outcome { weights, converged, .. } = weigh(&sample, settings)?;
    let levels = |targets: &[Target]| {
        targets.iter().flat_map(|target| &target.lines).filter(|line| line.is_some()).count()
    };
    Ok(One { weights, converged, lost_level: levels(&sample.targets) < levels(targets) })
}

fn refused(error: Error, frame: &Frame, settings: &Settings) -> Fault {
    let Error::Replicates { stratum, found, expected, .. } = error else {
        return Fault::Method(Box::new(error));
    };
    let method = settings.variance.method;
    let hint = match method {
        VarianceMethod::Brr | VarianceMethod::Fay => {
            "pair the units in a concept of strata, or use \"jkn\" or \"rao_wu\""
        }
        _ => "merge strata in a derived concept, or choose a policy in design.lonely_psu",
    };
    Fault::Replicates {
        panel: settings.panel_wave.panel.clone(),
        method: method.name(),
        stratum: frame.sampled.stratum_name(stratum),
        units: found,
        expected,
        hint: hint.to_owned(),
    }
}

fn too_many(replicates: usize, rows: usize, settings: &Settings) -> Fault {
    Fault::Setting {
        panel: settings.panel_wave.panel.clone(),
        key: "variance.method",
        found: format!(
            "\"{}\", {replicates} replicates of {rows} respondents",
            settings.variance.method.name()
        ),
        expected: format!("at most {MOST_WEIGHTS} weights"),
        hint: "use a bootstrap, e.g. method = \"rao_wu\" with replicates = 200".to_owned(),
    }
}
