//! What a step would be made of now, and how that differs from what its kept hand-off was made of.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use store::delivery_change::{Delivered, delivery_change};
use store::difference;
use store::fingerprint::canonical;
use store::spool::Written;
use store::{Content, Fingerprint, Found, Origin, Record, Rerun, Step};
use survey::Handoff;
use survey::handoff::{About, RawAbout};

use crate::error::Error;
use crate::run::Run;

impl Run<'_> {
    pub(super) fn fingerprint_of(
        &self,
        step: &Step,
        settings: &impl Serialize,
    ) -> Result<Fingerprint, Error> {
        let fingerprint = Fingerprint::of_bytes(self.canonical(settings)?.to_string().as_bytes());
        if let Some(memo) = self.memo {
            memo.learn(step, &fingerprint);
        }
        Ok(fingerprint)
    }

    pub(super) fn canonical(&self, settings: &impl Serialize) -> Result<Value, Error> {
        let unwritable =
            |error: serde_json::Error| self.store.unwritable(self.store.folder(), error.into());
        Ok(canonical(settings).map_err(unwritable)?)
    }

    /// Why the kept hand-off is not what would come out now.
    pub(super) fn reasons<S: Serialize>(
        &self,
        step: &Step,
        now: &Now,
        settings: &impl Fn() -> S,
    ) -> (Option<Record>, Vec<Rerun>) {
        let record = match self.store.record(step) {
            Found::Nothing => return (None, vec![Rerun::FirstTime]),
            Found::Damaged(reason) => return (None, vec![reason]),
            Found::Record(record) => *record,
        };
        let mut why = now.input_reasons(&record);
        if record.settings != now.settings {
            why.extend(self.settings_reasons(&record, &settings()));
        }
        if record.program != now.program {
            let [from, to] = [&record.program, &now.program]
                .map(|program| program.chars().take(SHOWN).collect::<String>());
            why.push(Rerun::ProgramChanged { from, to });
        }
        why.extend(self.store.faults(&record.output));
        if !self.ran(step) {
            why.extend(self.store.former_faults(&record.output));
        }
        (Some(record), why)
    }

    pub(super) fn settings_reasons(
        &self,
        record: &Record,
        settings: &impl Serialize,
    ) -> Vec<Rerun> {
        match (self.store.objects.read_json("settings", &record.settings), self.canonical(settings))
        {
            (Ok(former), Ok(now)) => difference::reasons(&former, &now),
            _ => vec![Rerun::SettingsUnknown],
        }
    }

    /// Puts into the reasons what the changed delivery means in cells.
    pub(super) fn explain<K: About>(
        &self,
        why: &mut [Rerun],
        record: &Record,
        handoff: &Handoff<K>,
        table: Option<&Written>,
    ) {
        for reason in why {
            if let Rerun::DeliveryChanged { change: change @ None, .. } = reason
                && let Some(written) = table
                && let Some(now) = raw_about(&handoff.about)
                && let Ok(before) = self.store.objects.read_about::<RawAbout>(&record.output)
                && let Some(former) = record.output.files.get("table")
                && let Ok(former) = self.store.objects.checked("table", former)
            {
                let before = Delivered { about: &before, table: &former };
                let now = Delivered { about: &now, table: written.file.path() };
                *change = delivery_change(&before, &now).ok();
            }
        }
    }
}

/// Characters of a hash that are enough for a person.
const SHOWN: usize = 8;

/// What a step would be made of now.
pub(super) struct Now {
    pub program: String,
    pub settings: Fingerprint,
    pub origins: Vec<Origin>,
}

impl Now {
    pub(super) fn names_of(&self, content: &Content) -> Vec<String> {
        self.origins
            .iter()
            .filter(|origin| origin.content == *content)
            .map(|origin| origin.name.clone())
            .collect()
    }

    pub(super) fn inputs(&self) -> BTreeMap<String, Fingerprint> {
        let known = self.origins.iter().filter_map(|origin| match &origin.content {
            Content::Known(fingerprint) => Some((origin.name.clone(), fingerprint.clone())),
            Content::Open | Content::Absent => None,
        });
        known.collect()
    }

    fn input_reasons(&self, record: &Record) -> Vec<Rerun> {
        let mut why = Vec::new();
        for origin in &self.origins {
            match (record.inputs.get(&origin.name), &origin.content) {
                (None, _) => why.push(Rerun::InputAdded { input: origin.name.clone() }),
                (Some(former), Content::Known(content)) if former != content => {
                    why.push(origin.changed(former, content));
                }
                _ => {}
            }
        }
        let gone = record
            .inputs
            .keys()
            .filter(|name| !self.origins.iter().any(|origin| origin.name == **name));
        why.extend(gone.map(|name| Rerun::InputRemoved { input: name.clone() }));
        why
    }
}

/// The bytes that were read are those whose hash decided that they are read.
pub(super) fn check_read<K: About>(now: &Now, about: &K) -> Result<(), Error> {
    let file = now.origins.iter().find_map(|origin| Some((origin, origin.file.clone()?)));
    let Some(((origin, file), raw)) = file.zip(raw_about(about)) else { return Ok(()) };
    match &origin.content {
        Content::Known(content) if content.0 == raw.blake3 => Ok(()),
        _ => Err(Error::DeliveryChanged { delivery: raw.delivery, file }),
    }
}

fn raw_about<K: About>(about: &K) -> Option<RawAbout> {
    serde_json::from_value(serde_json::to_value(about).ok()?).ok()
}
