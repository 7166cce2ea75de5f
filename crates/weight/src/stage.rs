//! The stage: one panel-wave's respondents get weights that meet the population totals.

mod diagnostic;
mod frame;
mod margins;
mod method;
mod misses;
mod nonresponse;
mod numbers;
mod refusal;
mod replicates;
mod respondents;
mod sampling;
mod tables;
#[cfg(test)]
mod tests;
mod trimming;

use std::collections::BTreeMap;

use survey::handoff::WeightedAbout;
use survey::{Checked, Code, Message, Warning, Weighted};

use self::frame::{Frame, Sample};
use self::margins::Of;
use self::method::Outcome;
pub use self::refusal::{Fault, Refusal};
use crate::{Error, Settings};

/// Weights the respondents of one panel-wave; those left out by name keep their row with weight 0.
///
/// Extra `calibration` has `columns::margin` Int32 a margin: the respondent's level, -1 where it took no part in the
/// calibration, and more where the settings ask more (`tables::calibration`). Extra `diagnostic`: `measure`, `margin`,
/// `level`, `value`. With a sample design extra `design`, with replicates extras `replicate` and `replicate_scale`.
pub fn calibrate_panel_wave(checked: &Checked, settings: &Settings) -> Result<Weighted, Error> {
    let refuse = |faults| {
        Error::Stage(Box::new(Refusal { panel_wave: settings.panel_wave.clone(), faults }))
    };
    let one = |fault: Box<Fault>| refuse(vec![*fault]);
    if checked.about.panel_wave != settings.panel_wave {
        let found = checked.about.panel_wave.clone();
        return Err(refuse(vec![Fault::OtherPanelWave { found }]));
    }
    let frame = Frame::read(checked, settings).map_err(refuse)?;
    let sample = frame.sample(&frame.base, (settings, Of::Sample)).map_err(refuse)?;
    let outcome = method::weigh(&sample, settings).map_err(one)?;
    method::refuse_negative(&outcome, settings).map_err(one)?;
    let replicated =
        replicates::replicates(&frame, &sample.targets, &outcome, settings).map_err(one)?;
    let diagnostic = diagnostic::describe(&sample, &outcome, settings);
    let about = about(checked, settings, &sample, &outcome, &diagnostic);
    let calibration = tables::calibration(&frame, &sample, outcome.adjustment.as_ref());
    let design = tables::design(&frame, settings);
    let mut extra = BTreeMap::from([("diagnostic".to_owned(), diagnostic.table())]);
    extra.extend(calibration.map(|calibration| ("calibration".to_owned(), calibration)));
    extra.extend(design.map(|design| ("design".to_owned(), design)));
    let mut notes = outcome.notes;
    if let Some(replicated) = replicated {
        extra.extend(tables::replicates(&replicated, frame.base.len()));
        notes.extend(replicated.notes);
    }
    Ok(Weighted {
        table: tables::with_weights(&checked.table, &frame.base, &outcome.weights),
        extra,
        findings: Vec::new(),
        warnings: warnings(settings, notes),
        about,
    })
}

fn about(
    checked: &Checked,
    settings: &Settings,
    sample: &Sample,
    outcome: &Outcome,
    diagnostic: &diagnostic::Diagnostic,
) -> WeightedAbout {
    WeightedAbout {
        panel_wave: settings.panel_wave.clone(),
        delivery: checked.about.delivery.clone(),
        asked: checked.about.asked.clone(),
        rows_in: sample.parts.len() as u64,
        rows_weighted: sample.parts.iter().filter(|part| part.has_weight()).count() as u64,
        rows_without_weight: respondents::without_weight(&sample.parts),
        method: method::name(settings.weighting.method).to_owned(),
        margins: sample.targets.iter().map(|target| target.margin.name.clone()).collect(),
        rounds: outcome.rounds as u32,
        converged: outcome.converged,
        largest_distance: diagnostic.largest_distance,
        deff_kish: diagnostic.design_effect,
        n_eff: diagnostic.effective_sample_size,
        population: sample.population,
        sum_of_weights: outcome.weights.iter().sum(),
    }
}

fn warnings(settings: &Settings, notes: Vec<(Code, Message)>) -> Vec<Warning> {
    let unused = margins::unused_margins(settings).into_iter().map(|margin| {
        let panel = &settings.panel_wave.panel;
        (
            Code::TargetNotUsed,
            Message::plain(format!(
                "config/targets/{panel}.csv: margin `{margin}` is in no margin of the weighting"
            )),
        )
    });
    unused
        .chain(notes)
        .map(|(code, message)| Warning {
            code,
            panel: Some(settings.panel_wave.panel.clone()),
            wave: Some(settings.panel_wave.wave),
            message: format!("{}: {message}", settings.panel_wave),
            hint: message.hint,
        })
        .collect()
}
