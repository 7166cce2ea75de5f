//! What a proposal is made from: the delivery, the deliveries before it, and a questionnaire where there is one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ::propose::{Delivered, Earlier, read};
use config::{Configuration, DeliverySpec, ExportProfile, PipelineFile};
use ingest::{Delivery, Key, Known, KnownHeaders, Limits, ReadBy};
use likeness::normal;
use rayon::prelude::*;
use store::Step;
use survey::header::visible;

use super::{ProposeRequest, settings};
use crate::error::{Error, StageError};
use crate::reading::Reading;

pub struct Material {
    pub panels: Vec<String>,
    pub profile: String,
    pub delivered: Delivered,
    pub earlier: Earlier,
    /// By normal header.
    pub questions: BTreeMap<String, String>,
    pub notes: Vec<String>,
}

/// Nothing is kept: the key only has to be there.
const KEY: &[u8] = b"a key that hides nothing, for a proposal";

struct Reader<'a> {
    configuration: &'a Configuration,
    key: Key,
    limits: Limits,
}

impl Material {
    pub fn gather(
        request: &ProposeRequest,
        configuration: &Configuration,
        pipeline: &PipelineFile,
    ) -> Result<Self, Error> {
        let limits = Reading::of(&pipeline.limits, rayon::current_num_threads()).limits;
        let key = Key::new(KEY).map_err(|error| {
            settings(&request.file, &error.to_string(), "this is a bug: please report it")
        })?;
        let reader = Reader { configuration, key, limits };
        let mut notes = Vec::new();
        let latest = latest_deliveries(pipeline, request);
        let panels = panels(request, &latest, &mut notes);
        let before = latest.iter().find(|spec| spec.panels.contains(&panels[0])).copied();
        let profile = reader.profile(request, before)?;
        let delivered = reader.delivered(request, &panels, profile)?;
        let questions = questions(request.questions.as_deref())?;
        let mut earlier = Earlier::default();
        let read: Vec<_> = latest.par_iter().map(|spec| (*spec, reader.before(spec))).collect();
        for (spec, read) in read {
            match read {
                Ok(delivered) => {
                    for panel in &spec.panels {
                        earlier.add(&configuration.codebook, panel, spec.wave, &delivered);
                    }
                }
                Err(error) => {
                    let error = error.to_string();
                    let first = error.lines().next().unwrap_or_default();
                    notes.push(format!("its answers are not compared: {first}"));
                }
            }
        }
        let profile = profile.profile.clone();
        Ok(Self { panels, profile, delivered, earlier, questions, notes })
    }
}

/// Of each panel the latest delivery that no other one replaces: before the wave, or in it for other panels.
fn latest_deliveries<'a>(
    pipeline: &'a PipelineFile,
    request: &ProposeRequest,
) -> Vec<&'a DeliverySpec> {
    let all = &pipeline.deliveries;
    let replaced: BTreeSet<&str> = all.iter().filter_map(|spec| spec.replaces.as_deref()).collect();
    let mut latest: BTreeMap<&str, &DeliverySpec> = BTreeMap::new();
    for spec in all.iter().filter(|spec| !replaced.contains(spec.name.as_str())) {
        for panel in &spec.panels {
            let is_asked = request.panels.contains(panel);
            let counts = spec.wave < request.wave || (spec.wave == request.wave && !is_asked);
            let before = latest.get(panel.as_str());
            if counts && before.is_none_or(|before| before.wave <= spec.wave) {
                latest.insert(panel, spec);
            }
        }
    }
    let mut specs: Vec<&DeliverySpec> = latest.into_values().collect();
    specs.sort_by(|left, right| left.name.cmp(&right.name));
    specs.dedup_by(|left, right| left.name == right.name);
    specs
}

/// The panels that were asked for, or all of the delivery that the one had before.
fn panels(
    request: &ProposeRequest,
    latest: &[&DeliverySpec],
    notes: &mut Vec<String>,
) -> Vec<String> {
    let [panel] = request.panels.as_slice() else { return request.panels.clone() };
    let before = latest.iter().find(|spec| spec.panels.contains(panel) && spec.wave < request.wave);
    match before {
        Some(spec) if spec.panels.len() > 1 => {
            notes.push(format!(
                "`{}` fed {}: all of them are proposed; name panels with `--panel` to choose",
                spec.name,
                spec.panels.join(", ")
            ));
            let others = spec.panels.iter().filter(|other| *other != panel);
            [panel].into_iter().chain(others).cloned().collect()
        }
        _ => request.panels.clone(),
    }
}

impl Reader<'_> {
    /// The profile that is asked for, else the panel's latest where it fits as well as any, else the one that fits best.
    fn profile(
        &self,
        request: &ProposeRequest,
        before: Option<&DeliverySpec>,
    ) -> Result<&ExportProfile, Error> {
        let exports = &self.configuration.exports;
        let missing = |name: &str, problem: &str, hint: &str| {
            let file = self.configuration.folder.join("exports").join(format!("{name}.toml"));
            settings(&file, problem, hint)
        };
        if let Some(name) = &request.profile {
            return exports.get(name).ok_or_else(|| {
                let known = exports.keys().map(String::as_str);
                let hint = config::mistake::did_you_mean(name, known);
                missing(name, "there is no such export profile", &hint)
            });
        }
        let profiles: Vec<&ExportProfile> = exports.values().collect();
        let known = Known { profiles: &profiles, codebook: None, read_twice: false };
        let delivery = delivery_of(request);
        let look = ingest::look_within(&delivery, &known, None, &self.limits);
        let look = look.map_err(|error| in_stage(&delivery.name, error))?;
        let score = |name: &str| {
            let candidates = look.candidates.iter().filter(|candidate| candidate.fits);
            candidates.filter(|candidate| candidate.profile == name).map(|of| of.score).next()
        };
        let best = look.about.profile.as_str();
        let latest = before.map(|spec| spec.profile.as_str());
        let name = latest.filter(|name| score(name) >= score(best)).unwrap_or(best);
        if look.read_by == ReadBy::Nothing {
            return Err(settings(
                &request.file,
                "no export profile of the project fits",
                "`peil ingest FILE` says why and proposes one; then name it with `--profile`",
            ));
        }
        exports.get(name).ok_or_else(|| {
            missing(name, "there is no such export profile", "name one with `--profile`")
        })
    }

    fn delivered(
        &self,
        request: &ProposeRequest,
        panels: &[String],
        profile: &ExportProfile,
    ) -> Result<Delivered, Error> {
        let items = self.configuration.codebook.items.iter();
        let own = items.filter(|item| panels.contains(&item.panel));
        let names = own.flat_map(|item| [&item.column].into_iter().chain(&item.aliases));
        let delivery = Delivery {
            headers: KnownHeaders::of(names.map(String::as_str)),
            ..delivery_of(request)
        };
        let read = read(&delivery, profile, &self.key, &self.limits);
        read.map_err(|error| in_stage(&delivery.name, error))
    }

    fn before(&self, spec: &DeliverySpec) -> Result<Delivered, ingest::Error> {
        let items = self.configuration.codebook.items.iter();
        let own = items.filter(|item| item.wave == spec.wave && spec.panels.contains(&item.panel));
        let names = own.flat_map(|item| [&item.column].into_iter().chain(&item.aliases));
        let delivery = Delivery {
            sheet: spec.sheet.clone(),
            headers: KnownHeaders::of(names.map(String::as_str)),
            ..Delivery::new(spec.name.clone(), spec.file.clone())
        };
        read(&delivery, &self.configuration.exports[&spec.profile], &self.key, &self.limits)
    }
}

fn delivery_of(request: &ProposeRequest) -> Delivery {
    let name = request.file.file_stem().unwrap_or_default().to_string_lossy();
    let delivery = Delivery::new(visible(&name).into_owned(), request.file.clone());
    Delivery { sheet: request.sheet.clone(), ..delivery }
}

fn in_stage(name: &str, error: ingest::Error) -> Error {
    Error::Stage { step: Step::ingest(name), error: StageError::from(error) }
}

/// Questions of a questionnaire by normal header.
fn questions(file: Option<&Path>) -> Result<BTreeMap<String, String>, Error> {
    let Some(file) = file else { return Ok(BTreeMap::new()) };
    let wrong =
        |problem: &str| settings(file, problem, "a CSV in UTF-8 whose header is `column,question`");
    let text = std::fs::read_to_string(file);
    let text = text.map_err(|error| wrong(&format!("cannot be read: {error}")))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let head = text.lines().next().unwrap_or_default();
    let delimiter = if head.contains(';') && !head.contains(',') { b';' } else { b',' };
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().cloned().unwrap_or_default();
    let place = |name: &str| header.iter().position(|column| column.trim() == name);
    let (Some(column), Some(question)) = (place("column"), place("question")) else {
        return Err(wrong("the columns `column` and `question` are not both there"));
    };
    let rows = reader.records().flatten();
    let rows = rows.filter_map(|row| {
        let (column, question) = (normal(row.get(column)?), row.get(question)?.trim());
        (!column.is_empty() && !question.is_empty()).then(|| (column, question.to_owned()))
    });
    Ok(rows.collect())
}
